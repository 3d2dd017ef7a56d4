"""``make record-clients``: the published clients against a whole judge, and what they printed, as a page.

The same calls as in test_judge0_sdk.py and test_leetcode_cli.py.
The page is docs/reference/recorded-clients.md.
"""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import judge0
from judge0.clients import Judge0Cloud

from tests.acceptance import test_judge0_sdk as sdk
from tests.acceptance import test_leetcode_cli as cli
from tests.acceptance.app_fixture import RunningStack

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "recorded-clients.md"
_HEAD = """# Published clients, recorded

What unmodified clients said against a running Gavel: written by `make record-clients`, and held by the
tests in `tests/acceptance/`. Each program was posted by the client itself; its answer is cut to a line.
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="gavel-record-") as folder:
        place = Path(folder)
        stack = RunningStack(place / "data")
        stack.start()
        try:
            lines = [_HEAD, *_judge0(stack), *_leetcode(stack, place)]
        finally:
            stack.stop()
    PAGE.write_text("\n".join(lines) + "\n")
    print(f"{PAGE.name} was written")


def _judge0(stack: RunningStack) -> Iterator[str]:
    version = importlib.metadata.version("judge0")
    client = Judge0Cloud(f"{stack.credentials.url}/judge0", sdk._headers(stack))
    yield f"## `judge0` {version} from PyPI\n"
    yield "`judge0.run(client=…, language=PYTHON, source_code=…, stdin='yes', expected_output='yes')`\n"
    yield "| program | status | stdout | time | memory | message |\n|---|---|---|---|---|---|"
    for source in sdk.ENDS.values():
        yield _judge0_row(sdk._run(client, source_code=source, stdin="yes", expected_output="yes"), source)
    hog = "x = bytearray(300 << 20)"
    yield _judge0_row(sdk._run(client, source_code=hog, memory_limit=64000), f"{hog}, limit 64 MB")
    cases = [judge0.TestCase("1", "1"), judge0.TestCase("2", "2"), judge0.TestCase("3", "4")]
    batch = sdk._run(client, source_code="print(input())", test_cases=cases)
    yield f"\nThree test cases in one batch: {', '.join(str(one.status) for one in batch)}\n"


def _judge0_row(result: Any, source: str) -> str:
    cells = (f"`{source}`", result.status, _cut(result.stdout), result.time, result.memory, result.message)
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _leetcode(stack: RunningStack, place: Path) -> Iterator[str]:
    package = _install(place / "npm")
    version = json.loads((package / "package.json").read_text())["version"]
    client = cli.Cli(package, place / "home", stack)
    yield f"## `leetcode-cli` {version} from npm\n"
    yield "Its own `submitProblem`, which polls `/submissions/detail/<id>/check/`, with `aplusb` in Python\n"
    yield "| program | state | passed | runtime | error |\n|---|---|---|---|---|"
    for source in cli.ENDS.values():
        (said,) = client.call("submitProblem", source)
        error = said.get("error") or ""
        last = (error[-1] if isinstance(error, list) and error else str(error)).strip().split("\n")[-1]
        passed, program = f"{said['passed']} of {said['total']}", source.replace("\n", "; ")
        yield f"| `{program}` | {said['state']} | {passed} | {said['runtime']} | {last[:60]} |"
    runs = client.call("testProblem", cli.ENDS["Accepted"], testcase="1 2")
    listed = ", ".join(f"{one['type']} {one['answer']}" for one in runs)
    yield f"\n`testProblem` with the input `1 2`: {listed}"
    newest = client.call("getSubmissions")[0]
    yield f"\n`getSubmissions`: the newest of them {newest['status_display']}, {newest['lang']}"


def _install(folder: Path) -> Path:
    folder.mkdir()
    (folder / "package.json").write_text((cli.CLIENTS / "package.json").read_text())
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=110)
    return folder / "node_modules" / "leetcode-cli"


def _cut(text: str | None) -> str:
    line = (text or "").strip().split("\n")[0]
    return f"`{line[:20]}`" if line else ""


if __name__ == "__main__":
    main()
