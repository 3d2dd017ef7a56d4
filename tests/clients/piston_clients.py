"""Drives a published client of Piston and prints its answer.

Arguments: CLIENT BASE_URL KEY LANGUAGE VERSION SOURCE STDIN.
"""

import asyncio
import json
import sys

client, url, key, language, version, source, stdin = sys.argv[1:]


def by_pistonapi() -> dict[str, object]:
    from pistonapi import PistonAPI

    # The client sends no header with a key, so the key is sent as the password in the address.
    piston = PistonAPI(url.replace("://", f"://piston:{key}@"))
    languages = sorted(piston.runtimes)
    return {"languages": languages, "output": piston.execute(language, version, source, stdin)}


def by_rspy() -> dict[str, object]:
    import piston_rspy

    async def run() -> dict[str, object]:
        piston = piston_rspy.Client.with_url_and_key(url, key)
        runtimes = await piston.fetch_runtimes()
        executor = piston_rspy.Executor(language, version, [piston_rspy.File("main", source)], stdin)
        answer = await piston.execute(executor)
        languages = sorted(one.language for one in runtimes)
        return {"languages": languages, "output": answer.run.output, "code": answer.run.code}

    return asyncio.run(run())


def by_aiopyston() -> dict[str, object]:
    import pyston

    async def run() -> dict[str, object]:
        piston = pyston.PystonClient(key, f"{url}/")
        languages = sorted(one.language for one in await piston.runtimes())
        answer = await piston.execute(language, [pyston.File(source)], version, stdin)
        await piston.close_session()
        return {"languages": languages, "output": str(answer), "code": answer.run_stage.code}

    return asyncio.run(run())


def by_ultra() -> dict[str, object]:
    from ultra_piston import File, PistonClient

    piston = PistonClient(base_url=url, api_key=key)
    languages = sorted(one.language for one in piston.get_runtimes())
    answer = piston.post_execute(language, version, File(content=source), stdin)
    packages = len(piston.get_packages())
    run = answer.run
    return {"languages": languages, "output": run.output, "code": run.code, "packages": packages}


ways = {
    "pistonapi": by_pistonapi,
    "piston-rspy": by_rspy,
    "aiopyston": by_aiopyston,
    "ultra-piston": by_ultra,
}
print(json.dumps(ways[client]()))
