"""``make record-official OFFICIAL=DIR`` runs clients that are in no registry, unchanged, against a real
judge.

They are Kattis' ``submit.py``, DOMjudge's ``submit`` and CodeRunner's sandbox class. They are not part of
this repository. Put them into DIR as ``kattis/submit.py``, ``domjudge/submit``, ``coderunner/sandbox.php``
and ``coderunner/jobesandbox.php``, each with a file ``commit`` beside it. What they send and print is written
to ``recordings/``. From there ``tests/compat/test_recorded_requests.py`` sends the requests again, and ``make
record-clients`` copies the output to its page.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from tests.acceptance import test_domjudge as domjudge
from tests.acceptance import test_jobe as jobe
from tests.acceptance.app_fixture import PROBLEM, RunningStack, clean_environment
from tests.acceptance.published_clients import CLIENTS, install_python_clients
from tests.acceptance.recording_proxy import Call, Recording, recorded

RECORDINGS = Path(__file__).parent / "recordings"
CONTEST = "recorded"
SUM = "print(sum(map(int, input().split())))\n"
_MAIN = "import sums\nprint(sums.of(input()))\n"
_SUMS = "def of(line):\n    return sum(map(int, line.split()))\n"
PROGRAMS = {
    "accepted": {f"{PROBLEM}.py": SUM},
    "wrong": {f"{PROBLEM}.py": "print(0)\n"},
    "compile error": {f"{PROBLEM}.py": "print(\n"},
    "two files": {f"{PROBLEM}.py": _MAIN, "sums.py": _SUMS},
}
_KEPT = ("User-Agent", "Content-Type", "Accept", "Accept-Charset", "Authorization", "Cookie", "X-API-KEY")
_SECONDS = 110
_MOODLE = (
    "The class itself is unchanged. `tests/clients/moodle` stands in for the rest of Moodle: its settings, "
    "texts and HTTP client."
)


@dataclass(frozen=True, slots=True)
class Sent:
    """One request of a client, and its answer. Secrets and addresses are replaced by placeholders."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str
    status: int
    answer: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run of one client."""

    client: str
    source: str
    sha256: Mapping[str, str]
    date: str
    note: str = ""
    output: list[tuple[str, str]] = field(default_factory=list)
    requests: list[Sent] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)


def read_recordings() -> list[Recorded]:
    """The stored recordings, in the order of their names."""
    return [_read(path) for path in sorted(RECORDINGS.glob("*.json"))]


def _read(path: Path) -> Recorded:
    body = json.loads(path.read_text())
    sent = [Sent(**each) for each in body.pop("requests")]
    return Recorded(**{**body, "output": [tuple(each) for each in body["output"]]}, requests=sent)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.official", description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder that has the clients")
    folder = parser.parse_args().folder.resolve()
    with tempfile.TemporaryDirectory(prefix="gavel-official-") as place, _stack(Path(place)) as stack:
        python = install_python_clients(Path(place) / "pypi")
        RECORDINGS.mkdir(exist_ok=True)
        for name, record in (("kattis", _kattis), ("domjudge", _domjudge), ("coderunner", _coderunner)):
            found = record(stack, folder / name, python, Path(place) / name)
            (RECORDINGS / f"{name}.json").write_text(
                json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n"
            )
            print(f"{name}: {len(found.requests)} requests")


@contextmanager
def _stack(place: Path) -> Iterator[RunningStack]:
    stack = RunningStack(place / "data", clean_environment())
    stack.start()
    try:
        yield stack
    finally:
        stack.stop()


def _kattis(stack: RunningStack, scripts: Path, python: Path, place: Path) -> Recorded:
    found = _start("Kattis' `submit.py`", "Kattis/kattis-cli", [scripts / "submit.py"])
    account = stack.credentials.accounts["normal"]
    with recorded(stack.credentials.url, (account.key,)) as recording:
        for name, files in PROGRAMS.items():
            home = _files(place / name.replace(" ", "-"), files)
            address, key = f"{recording.url}/kattis/kattisrc", {"Authorization": f"Bearer {account.key}"}
            text = requests.get(address, headers=key, timeout=30).text
            (home / ".kattisrc").write_text(text.replace(stack.credentials.url, recording.url))
            done = _run([str(python), str(scripts / "submit.py"), "--force", *files], home)
            assert done.returncode == (0 if name in ("accepted", "two files") else 1), done
            found.output.append((f"submit.py --force {' '.join(files)} ({name})", _last(done.stdout)))
        recording.calls = [call for call in recording.calls if "kattisrc" not in call.line]
        return _with_requests(found, recording)


def _domjudge(stack: RunningStack, scripts: Path, python: Path, place: Path) -> Recorded:
    found = _start("DOMjudge's `submit`", "DOMjudge/domjudge", [scripts / "submit"])
    domjudge.make_contest(stack, CONTEST)
    account = stack.credentials.accounts["premium"]
    with recorded(stack.credentials.url, (account.key,)) as recording, stack.gavel("premium") as gavel:
        for name, options in (("accepted", []), ("two files", ["--entry_point", f"{PROBLEM}.py"])):
            home = _files(place / name.replace(" ", "-"), PROGRAMS[name])
            (home / ".netrc").write_text(f"machine 127.0.0.1 login {account.name} password {account.key}\n")
            (home / ".netrc").chmod(0o600)
            words = ["--url", f"{recording.url}/", "--contest", CONTEST, "--problem", "A", "--assume-yes"]
            words += [*options, *PROGRAMS[name]]
            done = _run([str(python), str(scripts / "submit"), *words], home)
            assert done.returncode == 0, done
            (id,) = re.findall(r"id = s(\S+),", done.stdout)
            verdict = gavel.wait(id, 60).status_msg
            assert verdict == "Accepted"
            shown = recording.shown_text(" ".join(words))
            printed = recording.shown_text(" ".join(done.stdout.split()))
            found.output.append((f"submit {shown}", f"{printed.partition(' Check')[0]} — judged {verdict}"))
        return _with_requests(found, recording)


def _coderunner(stack: RunningStack, scripts: Path, python: Path, place: Path) -> Recorded:
    files = [scripts / "jobesandbox.php", scripts / "sandbox.php"]
    found = _start("CodeRunner's `jobesandbox.php`", "trampgeek/moodle-qtype_coderunner", files, _MOODLE)
    account = stack.credentials.accounts["premium"]
    runs = [
        {"language": language, "source": source, "input": "20 22", "files": {}, "params": parameters or None}
        for language, source, parameters, _ in jobe.PROGRAMS.values()
    ]
    encoded = base64.b64encode(b"from a file").decode()
    reads = "print(open('a.txt').read())"
    runs.append(
        {"language": "python3", "source": reads, "input": "", "files": {"a.txt": encoded}, "params": None}
    )
    with recorded(stack.credentials.url, (account.key,)) as recording:
        host = recording.url.removeprefix("http://")
        settings = {"CODERUNNER_JOBE_HOST": host, "CODERUNNER_JOBE_APIKEY": account.key}
        command = ["php", str(CLIENTS / "coderunner.php"), str(scripts)]
        done = _run(command, _files(place, {}), json.dumps(runs), **settings)
        assert done.returncode == 0, done
        answers = json.loads(done.stdout)
        assert {"c", "cpp", "java", "python3"} <= set(answers["languages"]["languages"])
        for run, result in zip(runs, answers["results"], strict=True):
            found.output.append((_named(run), _result(result)))
        wanted = [*(each[3] for each in jobe.PROGRAMS.values()), 15]
        assert [each["result"] for each in answers["results"]] == wanted, answers
        return _with_requests(found, recording)


def _named(run: Mapping[str, Any]) -> str:
    parameters = f" {json.dumps(run['params'])}" if run["params"] else ""
    return f"{run['language']}{parameters}: {run['source'].splitlines()[-1][:60]}"


def _result(result: Mapping[str, Any]) -> str:
    texts = (
        (name, str(result[name]).strip().split("\n")[0][:40]) for name in ("output", "stderr", "cmpinfo")
    )
    return ", ".join([f"result {result['result']}", *(f"{name} {text!r}" for name, text in texts if text)])


def _start(client: str, repository: str, files: Sequence[Path], note: str = "") -> Recorded:
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    commit = (files[0].parent / "commit").read_text().strip()
    return Recorded(client, f"{repository} at {commit[:12]}", sums, f"{datetime.now(UTC):%Y-%m-%d}", note)


def _files(folder: Path, files: Mapping[str, str]) -> Path:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def _run(
    command: list[str], home: Path, stdin: str = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(home), "TMPDIR": str(home), **settings}
    return subprocess.run(
        command, cwd=home, env=environment, input=stdin, capture_output=True, text=True, timeout=_SECONDS
    )


def _last(printed: str) -> str:
    """The last line that was printed, without colours and without text that was overwritten."""
    plain = re.sub(r"\x1b\[\d+m", "", printed)
    return next(line.split("\r")[-1].strip() for line in reversed(plain.splitlines()) if line.strip())


def _with_requests(found: Recorded, recording: Recording) -> Recorded:
    """Add the requests to the recording. Equal requests that follow one another, such as polls, are added
    once."""
    for call in recording.calls:
        sent = _sent(call, recording)
        if not found.requests or _asked(found.requests[-1]) != _asked(sent):
            found.requests.append(sent)
    found.calls.extend(recording.shown())
    return found


def _asked(sent: Sent) -> tuple[str, str, str]:
    return sent.method, sent.path, sent.body


def _sent(call: Call, recording: Recording) -> Sent:
    method, _, path = call.line.partition(" ")
    known = {name.lower(): name for name in _KEPT}
    kept = {known[name.lower()]: value for name, value in call.headers if name.lower() in known}
    headers = {name: _word(name, recording.shown_text(value)) for name, value in kept.items()}
    body = recording.hidden(call.body.decode())
    return Sent(
        method,
        recording.shown_text(path),
        headers,
        body,
        call.status,
        recording.shown_text(call.answer[:120]),
    )


def _word(name: str, value: str) -> str:
    """The header's value, or a placeholder if the value has credentials."""
    if name == "Authorization":
        return "Basic NAME:KEY"
    return "COOKIE" if name == "Cookie" else value


if __name__ == "__main__":
    main()
