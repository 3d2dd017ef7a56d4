"""``make record-clients`` runs the published clients against a real judge and writes a page of their output.

The calls are those of the tests of these clients. The page is docs/reference/recorded-clients.md.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import judge0
from judge0.clients import Judge0Cloud

from judge_api.supervisor.data_folder import Credentials
from tests.acceptance import test_clics_clients as clics
from tests.acceptance import test_domjudge as domjudge
from tests.acceptance import test_js_client as javascript
from tests.acceptance import test_judge0_sdk as sdk
from tests.acceptance import test_kattis_cli as kattis
from tests.acceptance import test_leetcode_cli as cli
from tests.acceptance import test_piston_clients as piston
from tests.acceptance.app_fixture import PROBLEM, RunningStack, clean_environment
from tests.acceptance.official import CONTEST, read_recordings
from tests.acceptance.published_clients import (
    CLIENTS,
    answer_of,
    install_node_clients,
    install_python_clients,
)
from tests.acceptance.recording_proxy import recorded

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "recorded-clients.md"
_HEAD = """# Published clients, recorded

`make record-clients` writes this page. It shows the output of unmodified clients that used a running Gavel.
Clients from PyPI and npm were installed and run for this page. Some clients are in no registry, only in a
repository on GitHub. `make record-official` ran them on the day that their section names, and `make test`
sends their recorded requests again. Programs of this project are named as such. The tests in
`tests/acceptance/` check the same. Each client posted its program itself; its output is cut to one line.

Below each client are its HTTP calls, recorded by a proxy between client and server. Each kind of call is
shown once: a GET with the beginning of its last answer, any other method with that of its first answer. Ids,
times, addresses and keys are replaced by words.
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="gavel-record-") as folder:
        place = Path(folder)
        stack = RunningStack(place / "data", clean_environment(GAVEL_GUEST_ACCOUNT="normal"))
        stack.start()
        try:
            node = install_node_clients(place / "npm")
            python = install_python_clients(place / "pypi")
            _play_contest(stack)
            lines = [
                _HEAD,
                *_with_calls(stack, _judge0),
                *_with_calls(stack, lambda of: _leetcode(of, node, place / "home")),
                *_with_calls(stack, lambda of: _leetcode_command(of, node, place / "person")),
                *_with_calls(stack, lambda of: _leetcode_python(of, python)),
                *_with_calls(stack, lambda of: _piston(of, python, node)),
                *_piston_connection(stack),
                *_with_calls(stack, lambda of: _kattis(of, python, place)),
                *_unregistered(),
                *_with_calls(stack, lambda of: _domjudge_reader(of, python)),
                *_with_calls(stack, lambda of: _contest(of, python, place / "archive")),
                *_with_calls(stack, _javascript),
            ]
        finally:
            stack.stop()
    PAGE.write_text("\n".join(lines) + "\n")
    print(f"{PAGE.name} was written")


def _play_contest(stack: RunningStack) -> None:
    """Make a contest with one accepted submission, for the clients that read contests."""
    domjudge.make_contest(stack, CONTEST)
    account = stack.credentials.accounts["premium"]
    client = domjudge.SubmitClient(f"{stack.credentials.url}/", account.name, account.key, "v4/")
    id = client.submit(CONTEST, "A", f"{PROBLEM}.py", domjudge.SUM)
    with stack.gavel("premium") as gavel:
        assert gavel.wait(id, 60).verdict == "AC"


class _Behind(RunningStack):
    """A running stack whose address is that of a proxy before it."""

    def __init__(self, stack: RunningStack, url: str) -> None:
        super().__init__(stack.data)
        self._url = url

    @property
    def credentials(self) -> Credentials:
        return replace(super().credentials, url=self._url)


def _with_calls(stack: RunningStack, section: Callable[[RunningStack], Iterator[str]]) -> Iterator[str]:
    """A section, and the calls that its clients made."""
    keys = tuple(account.key for account in stack.credentials.accounts.values())
    with recorded(stack.credentials.url, keys) as recording:
        yield from section(_Behind(stack, recording.url))
        yield "\n```text"
        yield from recording.shown()
        yield "```\n"


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


def _leetcode(stack: RunningStack, node: Path, home: Path) -> Iterator[str]:
    package = node / "node_modules" / "leetcode-cli"
    client = cli.Cli(package, home, stack)
    version = _npm_version(node, "leetcode-cli")
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


def _leetcode_command(stack: RunningStack, node: Path, folder: Path) -> Iterator[str]:
    """Runs the verbs of the command ``leetcode`` in an order in which a person would use them."""
    person = cli.signed_in(node / "node_modules" / "leetcode-cli", folder, stack)
    yield "\nThe command `leetcode` itself, after `leetcode user -l`\n"
    yield "| verb | last line of its output |\n|---|---|"
    file = folder / f"{cli.number_of(stack, PROBLEM)}.{PROBLEM}.py"
    file.write_text(cli.ENDS["Accepted"])
    verbs = (
        *("help", "config", "plugin", "user", "list", f"star {PROBLEM}", "stat", f"show {PROBLEM}"),
        *(f"test {file.name} -t '1 2'", f"submit {file.name}", "stat -g", "session", "session -c another"),
        *("session another -e", "session 1 -e", _DELETION, f"submission {PROBLEM}", "cache", "version"),
        "user -L",
    )
    for verb in verbs:
        words = tuple(shlex.split(verb))
        answers = {"answer:": "0", "AC Questions": None}
        printed = person.talk(words, answers) if verb == _DELETION else person.run(*words)
        said = [line for line in printed.splitlines() if _is_said(line)]
        yield _row(f"`{verb}`", " ".join(said[-1].split())[:70] if said else "")


_DELETION = "session another -d"
"""The client asks after this verb whether to delete the session."""


def _is_said(line: str) -> bool:
    """Whether a line is an answer of the command, and not a warning of Node.js or a message about
    progress."""
    others = ("padLevels", "trace-warnings")
    return bool(line.strip()) and not line.startswith("- ") and not any(word in line for word in others)


def _leetcode_python(stack: RunningStack, python: Path) -> Iterator[str]:
    (version,) = _versions(python, ("python-leetcode",))
    found = cli.ask_by_python(python, stack)
    yield f"\n## {version} from PyPI\n"
    yield "It reads catalog, user and question, runs a program on `1 2`, submits it, and polls both.\n"
    yield f"`{json.dumps(found)}`"


def _piston(stack: RunningStack, python: Path, node: Path) -> Iterator[str]:
    yield f"\n## Clients of Piston: {', '.join(_versions(python, piston.PYTHON_CLIENTS))} from PyPI\n"
    yield "Each client asks for the runtimes, then executes two programs with the input `20 22`.\n"
    yield "| client | asked for | program | output | code |\n|---|---|---|---|---|"
    programs = (("python", "3.10.0", piston.SUM), ("c++", "10.2.0", "int main() { return x; }"))
    for client in piston.PYTHON_CLIENTS:
        for program in programs:
            found = piston.ask(python, client, stack, program)
            yield _row(
                client, " ".join(program[:2]), f"`{program[2]}`", _cut(found["output"]), found.get("code")
            )
    found = piston.ask_by_node(node, stack, "python", piston.SUM)
    version = _npm_version(node, "piston-client")
    yield f"\n`piston-client` {version} from npm, which sends no key and no content type: `{found['answer']}`"


def _piston_connection(stack: RunningStack) -> Iterator[str]:
    yield "\nThe WebSocket `/connect`, by a program of the tests (`<` was sent, `>` came):\n"
    talk = piston.Talk(stack, "c++", piston.GREETINGS["c++"])
    talk.until("name? ")
    before = len(talk.said)
    talk.send(type="data", stream="stdin", data="ada\n")
    code = talk.end()
    lines = [f"> {json.dumps(message)}" for message in talk.said]
    sent = {"type": "data", "stream": "stdin", "data": "ada\n"}
    lines.insert(before, f"< {json.dumps(sent)}")
    yield "```text"
    yield '< {"type": "init", "language": "c++", "version": "*", "files": […]}'
    yield from lines
    yield f"closed with {code}"
    yield "```"


def _kattis(stack: RunningStack, python: Path, place: Path) -> Iterator[str]:
    (version,) = _versions(python, ("kattis-cli",))
    yield f"\n## {version} from PyPI\n"
    yield "`kattis submit --force --problemid aplusb aplusb.py`, with the file of `GET /kattis/kattisrc`\n"
    yield "| program | last line of its output |\n|---|---|"
    for number, source in enumerate((kattis.SUM, "print(0)\n", "print(\n")):
        folder = place / f"kattis-{number}"
        printed = kattis.submit_by_kattis_cli(
            python.with_name("kattis"), stack, folder, {"aplusb.py": source}
        )
        judgement = re.findall(r"JUDGEMENT:.*", printed)[-1]
        yield _row(f"`{source.strip()}`", " ".join(judgement.split()))


def _unregistered() -> Iterator[str]:
    """The sections of the clients that ``make record-official`` has run."""
    for found in read_recordings():
        sums = ", ".join(f"`{name}` {digest[:16]}…" for name, digest in found.sha256.items())
        yield f"\n## {found.client}, from {found.source}\n"
        yield f"Run on {found.date} by `make record-official`. SHA-256: {sums}\n"
        if found.note:
            yield f"{found.note}\n"
        yield "| run | outcome |\n|---|---|"
        yield from (_row(f"`{run}`", outcome) for run, outcome in found.output)
        yield "\n```text"
        yield from found.calls
        yield "```\n"


def _domjudge_reader(stack: RunningStack, python: Path) -> Iterator[str]:
    (version,) = _versions(python, ("pydomjudge",))
    found = domjudge.read_by_pydomjudge(python, stack, CONTEST)
    yield f"\n## {version} from PyPI, a client of DOMjudge's API\n"
    yield "The calls of an administrator. The client's models check each answer.\n"
    yield "| call | objects |\n|---|---|"
    yield from (_row(f"`{call}`", count) for call, count in found.items())


def _contest(stack: RunningStack, python: Path, folder: Path) -> Iterator[str]:
    (version,) = _versions(python, ("xcpcio",))
    yield f"\n## {version} from PyPI\n"
    clics.archive_contest(stack, python, CONTEST, folder)
    found = answer_of([str(python), str(CLIENTS / "clics_models.py"), str(folder)])
    checked = ", ".join(f"{count} {kind}" for kind, count in found["checked"].items() if count)
    faults = len(found["faults"])
    yield f"`clics-archiver` fetches the contest; its models check {checked}: {faults} faults."


def _javascript(stack: RunningStack) -> Iterator[str]:
    version = json.loads((javascript.CLIENT / "package.json").read_text())["version"]
    yield f"\n## Gavel's own client for JavaScript, {version} (`clients/js`)\n"
    passed = re.findall(r"^ok \d+ - (.*)$", javascript.run_tests(stack), re.MULTILINE)
    yield f"Its tests by Node's test runner: {len(passed)} passed."


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _versions(python: Path, names: tuple[str, ...]) -> list[str]:
    """The names with their versions, as pip lists them."""
    listed = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "list",
            "--format=json",
            "--disable-pip-version-check",
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    known = {each["name"].replace("_", "-"): each["version"] for each in json.loads(listed.stdout)}
    return [f"`{name}` {known[name]}" for name in names]


def _npm_version(node: Path, name: str) -> str:
    package = json.loads((node / "node_modules" / name / "package.json").read_text())
    return str(package["version"])


def _cut(text: str | None) -> str:
    line = (text or "").strip().split("\n")[0]
    return f"`{line[:20]}`" if line else ""


if __name__ == "__main__":
    main()
