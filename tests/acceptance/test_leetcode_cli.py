"""``leetcode-cli`` from npm, unchanged, pointed here by its own settings."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.app_fixture import PROBLEM, RunningStack

pytestmark = pytest.mark.clients
CLIENTS = Path(__file__).parents[1] / "clients"
URLS = {
    "test": "/problems/$slug/interpret_solution/",
    "submit": "/problems/$slug/submit/",
    "submissions": "/api/submissions/$slug",
    "verify": "/submissions/detail/$id/check/",
    "problems": "/api/problems/$category/",
    "graphql": "/graphql",
    "problem": "/problems/$slug/description/",
    "submission": "/submissions/detail/$id/",
}
ENDS = {
    "Accepted": "print(sum(map(int, input().split())))",
    "Wrong Answer": "print(0)",
    "Time Limit Exceeded": "while True: pass",
    "Memory Limit Exceeded": "x = bytearray(4 << 30)\nfor i in range(0, len(x), 4096): x[i] = 1",
    "Output Limit Exceeded": "while True: print('x' * 100000)",
    "Runtime Error": "raise ValueError('broken')",
    "Compile Error": "print(",
}


class Cli:
    """One home folder of the client, whose settings name our server."""

    def __init__(self, package: Path, home: Path, stack: RunningStack) -> None:
        self._home, self._key = home, stack.credentials.accounts["premium"].key
        self._environment = {**os.environ, "HOME": str(home), "LEETCODE_CLI": str(package)}
        urls = {name: stack.credentials.url + path for name, path in URLS.items()}
        settings = home / ".lc" / "config.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(
            json.dumps({"sys": {"urls": {"base": stack.credentials.url, **urls}}, "color": {"enable": False}})
        )

    @property
    def environment(self) -> dict[str, str]:
        return dict(self._environment)

    def call(self, act: str, source: str = "", **more: Any) -> Any:
        program = self._home / "1.aplusb.python3.py"
        program.write_text(source)
        problem = {"slug": PROBLEM, "id": 1, "lang": "python3", "file": str(program), "link": "x", **more}
        done = subprocess.run(
            ["node", str(CLIENTS / "leetcode_cli.js"), act, self._key, json.dumps(problem)],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout.strip().splitlines()[-1])
        assert not said.get("error"), said
        return said["answer"]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client as npm has it, in a folder of the tests' own."""
    folder = tmp_path_factory.mktemp("npm")
    (folder / "package.json").write_text((CLIENTS / "package.json").read_text())
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=110)
    return folder / "node_modules" / "leetcode-cli"


@pytest.fixture
def cli(package: Path, tmp_path: Path, stack: RunningStack) -> Cli:
    return Cli(package, tmp_path / "home", stack)


@pytest.mark.parametrize("end", ENDS)
def test_every_end_reaches_the_client(cli: Cli, end: str) -> None:
    (result,) = cli.call("submitProblem", ENDS[end])
    assert result["state"] == end
    assert result["ok"] is (end == "Accepted")
    if end == "Accepted":
        assert result["passed"] == result["total"] > 0
        assert result["runtime"].endswith(" ms")
    if end in ("Runtime Error", "Compile Error"):
        assert result["error"]


def test_a_run_comes_with_what_was_expected(cli: Cli) -> None:
    results = cli.call("testProblem", ENDS["Accepted"], testcase="1 2")
    assert {one["type"] for one in results} == {"Actual", "Expected"}
    actual = next(one for one in results if one["type"] == "Actual")
    assert (actual["state"], actual["answer"]) == ("Accepted", ["3"])


def test_earlier_submissions_are_listed(cli: Cli) -> None:
    (result,) = cli.call("submitProblem", ENDS["Accepted"])
    newest = cli.call("getSubmissions")[0]
    assert newest["status_display"] == "Accepted"
    assert newest["id"] == str(result["id"])
    assert newest["code"] == ENDS["Accepted"]


class Command:
    """The command ``leetcode`` itself, signed in, in a folder of its own."""

    def __init__(self, cli: Cli, package: Path, folder: Path) -> None:
        cli.call("getSubmissions")  # its driver saves the session
        self._folder = folder
        self._command = ["node", str(package / "bin" / "leetcode")]
        self._environment = cli.environment

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._command, *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


def test_a_person_lists_shows_tries_submits_and_fetches(cli: Cli, package: Path, tmp_path: Path) -> None:
    command = Command(cli, package, tmp_path)
    listed = command.run("list")
    assert "NaN" not in listed
    shown = command.run("show", PROBLEM, "-g", "-l", "python3")
    assert PROBLEM in shown
    (file,) = tmp_path.glob("*.py")
    file.write_text(ENDS["Accepted"])
    assert "3" in command.run("test", file.name, "-t", "1 2")
    assert "Accepted" in command.run("submit", file.name)
    fetched = command.run("submission", PROBLEM, "-o", str(tmp_path / "fetched"))
    assert "error" not in fetched.lower()
