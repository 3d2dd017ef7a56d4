"""``leetcode-cli`` from npm works unchanged. Its own settings give it the address of the stack."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.acceptance.app_fixture import PROBLEM, RunningStack
from tests.acceptance.published_clients import answer_of

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
    "login": "/accounts/login/",
    "session": "/session/",
    "favorites": "/list/api/questions",
    "favorite_delete": "/list/api/questions/$hash/$id",
}
PROBLEM_TITLE = "A plus B"
_SESSION = re.compile(r"^   (?P<active>.)   +(?P<id>\d+)   (?P<name>.{26}) +\d+ \(", re.MULTILINE)
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
    """Calls the client as a library, with a home folder whose settings name this stack."""

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
    """The client, installed from npm into a temporary folder."""
    folder = tmp_path_factory.mktemp("npm")
    (folder / "package.json").write_text((CLIENTS / "package.json").read_text())
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=110)
    return folder / "node_modules" / "leetcode-cli"


@pytest.fixture
def cli(package: Path, tmp_path: Path, stack: RunningStack) -> Cli:
    return Cli(package, tmp_path / "home", stack)


@pytest.mark.parametrize("end", ENDS)
def test_the_client_gets_the_verdict_of_a_submission(cli: Cli, end: str) -> None:
    (result,) = cli.call("submitProblem", ENDS[end])
    assert result["state"] == end
    assert result["ok"] is (end == "Accepted")
    if end == "Accepted":
        assert result["passed"] == result["total"] > 0
        assert result["runtime"].endswith(" ms")
    if end in ("Runtime Error", "Compile Error"):
        assert result["error"]


def test_a_test_run_returns_the_actual_and_the_expected_answer(cli: Cli) -> None:
    results = cli.call("testProblem", ENDS["Accepted"], testcase="1 2")
    assert {one["type"] for one in results} == {"Actual", "Expected"}
    actual = next(one for one in results if one["type"] == "Actual")
    assert (actual["state"], actual["answer"]) == ("Accepted", ["3"])


def test_the_client_lists_the_newest_submission_first(cli: Cli) -> None:
    (result,) = cli.call("submitProblem", ENDS["Accepted"])
    newest = cli.call("getSubmissions")[0]
    assert newest["status_display"] == "Accepted"
    assert newest["id"] == str(result["id"])
    assert newest["code"] == ENDS["Accepted"]


class Command:
    """The command ``leetcode`` itself, signed in, in a folder of its own."""

    def __init__(self, cli: Cli, package: Path, folder: Path) -> None:
        cli.call("getSubmissions")  # any call saves the session, so the command is signed in afterwards
        self._folder = folder
        self._command = ["node", str(package / "bin" / "leetcode")]
        self._environment = cli.environment

    def sign_in(self, name: str, password: str) -> str:
        """Type the name and the password when the command asks for them. Returns the output."""
        return self.talk(("user", "-l"), {"login:": name, "pass:": password, " login as ": None})

    def talk(self, arguments: tuple[str, ...], answers: Mapping[str, str | None]) -> str:
        """Run the command, wait for each of these words, and type its answer. Returns the output."""
        with subprocess.Popen(
            [*self._command, *arguments],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            said = b""
            for words, answer in answers.items():
                while words.encode() not in said and b"ERROR" not in said:
                    character = process.stdout.read(1)
                    assert character, said
                    said += character
                if answer is not None:
                    process.stdin.write(f"{answer}\n".encode())
                    process.stdin.flush()
            process.stdin.close()  # otherwise the command would wait for more input
            return (said + process.stdout.read()).decode()

    def run(self, *arguments: str) -> str:
        done = self._done(arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def fail(self, *arguments: str) -> str:
        done = self._done(arguments)
        assert done.returncode != 0, done.stdout
        return done.stdout + done.stderr

    def _done(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._command, *arguments],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    def sessions(self) -> list[tuple[str, str, bool]]:
        """The id and name of each coding session, and whether it is the active one."""
        found = _SESSION.finditer(self.run("session"))
        return [(each["id"], each["name"].strip(), each["active"] != " ") for each in found]


def test_the_command_lists_and_shows_problems_and_tests_submits_and_fetches_programs(
    cli: Cli, package: Path, tmp_path: Path
) -> None:
    command = Command(cli, package, tmp_path)
    listed = command.run("list")
    assert "NaN" not in listed
    shown = command.run("show", PROBLEM, "-g", "-l", "python3")
    assert PROBLEM in shown
    (file,) = tmp_path.glob("*.py")
    file.write_text(ENDS["Accepted"])
    assert "3" in command.run("test", file.name, "-t", "1 2")
    said = command.run("submit", file.name)
    assert "Accepted" in said
    assert "Your runtime beats" in said
    fetched = command.run("submission", PROBLEM, "-o", str(tmp_path / "fetched"))
    assert "error" not in fetched.lower()


@pytest.fixture(scope="module")
def person(package: Path, tmp_path_factory: pytest.TempPathFactory, stack: RunningStack) -> Command:
    return signed_in(package, tmp_path_factory.mktemp("person"), stack)


def signed_in(package: Path, folder: Path, stack: RunningStack) -> Command:
    """The command after a person has signed in with a name and a password."""
    sent = {"name": "leetcoder", "password": "correct horse battery staple"}
    assert requests.post(f"{stack.credentials.url}/accounts", json=sent, timeout=30).status_code == 201
    command = Command(Cli(package, folder / "home", stack), package, folder)
    said = command.sign_in(sent["name"], sent["password"])
    assert "Successfully login as leetcoder" in said
    return command


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("version",), "2.6.2"),
        (("help",), "leetcode"),
        (("config",), "sys"),
        (("user",), "leetcoder"),
        (("list",), "A plus B"),
        (("list", "-s"), "Listed:"),
        (("stat",), "Easy"),
        (("stat", "-g"), "Remaining"),
        (("stat", "-q", "h"), "Hard"),
        (("show", PROBLEM), PROBLEM),
        (("show", PROBLEM, "-x"), "print their sum"),
        (("show", PROBLEM, "-c", "-l", "python3"), "input()"),
        (("cache",), "Created"),
        (("plugin",), "leetcode"),
        (("session",), "AC Questions"),
    ],
    ids=lambda words: "-".join(words) if isinstance(words, tuple) else "",
)
def test_each_verb_prints_its_information_without_an_error(
    person: Command, words: tuple[str, ...], shown: str
) -> None:
    said = person.run(*words)
    assert shown.lower() in said.lower()
    assert "error" not in said.lower()
    assert "NaN" not in said


def test_a_person_can_star_a_problem_and_remove_the_star(person: Command) -> None:
    def starred() -> bool:
        person.run("cache", "-d", "problems")
        return PROBLEM_TITLE in person.run("list", "-q", "s")

    assert not starred()
    person.run("star", PROBLEM)
    assert starred()
    person.run("star", PROBLEM, "-d")
    assert not starred()


def number_of(stack: RunningStack, problem: str) -> int:
    """The number by which the client lists a problem and names its file."""
    key = {"Authorization": f"Bearer {stack.credentials.accounts['premium'].key}"}
    listed = requests.get(f"{stack.credentials.url}/api/problems/all/", headers=key, timeout=30).json()
    stats = [pair["stat"] for pair in listed["stat_status_pairs"]]
    numbers = {each["question__title_slug"]: int(each["frontend_question_id"]) for each in stats}
    return numbers[problem]


def test_a_coding_session_counts_an_accepted_submission(
    person: Command, stack: RunningStack, tmp_path: Path
) -> None:
    file = tmp_path / f"{number_of(stack, PROBLEM)}.{PROBLEM}.py"
    file.write_text(ENDS["Accepted"])
    said = person.run("submit", str(file))
    assert "Accepted" in said
    listed = person.run("session")
    assert "1 (100.00 %)" in listed
    person.run("cache", "-d", "problems")
    person.run("submission", "-a", "-o", str(tmp_path / "all"))
    assert list((tmp_path / "all").glob(f"*.{PROBLEM}.*.ac.*"))


def test_a_person_makes_switches_and_deletes_coding_sessions(person: Command) -> None:
    assert person.sessions() == [("1", "Anonymous Session", True)]
    assert "another" in person.run("session", "-c", "another")
    assert person.sessions() == [("1", "Anonymous Session", True), ("2", "another", False)]
    person.run("session", "another", "-e")
    assert person.sessions() == [("1", "Anonymous Session", False), ("2", "another", True)]
    assert PROBLEM_TITLE not in person.run("list", "-q", "d"), (
        "in the new session no problem may count as solved"
    )
    refused = person.talk(("session", "another", "-d"), {"answer:": "0", "ERROR": None})
    assert "409" in refused, "the active session must not be deleted"
    person.run("session", "1", "-e")
    said = person.talk(("session", "another", "-d"), {"answer:": "0", "AC Questions": None})
    assert "ERROR" not in said
    assert person.sessions() == [("1", "Anonymous Session", True)]


def test_the_calendar_of_the_client_fails_on_current_node_js(person: Command) -> None:
    """``stat -c`` pads a month's name by a number of characters that is no whole number, which current
    Node.js refuses."""
    said = person.fail("stat", "-c")
    assert "ERR_OUT_OF_RANGE" in said
    assert "showCal" in said


def test_a_person_signs_out(person: Command) -> None:
    assert "Successfully logout as leetcoder" in person.run("user", "-L")
    assert "not login" in person.run("user")


def ask_by_python(python: Path, stack: RunningStack) -> Any:
    """The answers that python-leetcode got for a right program and the input ``1 2``."""
    url, key = stack.credentials.url, stack.credentials.accounts["premium"].key
    driver = str(CLIENTS / "leetcode_client.py")
    return answer_of([str(python), driver, url, key, PROBLEM, ENDS["Accepted"], "1 2"])


def test_a_client_from_pypi_reads_a_problem_runs_a_program_and_submits(
    published_python: Path, stack: RunningStack
) -> None:
    found = ask_by_python(published_python, stack)
    assert found["user"]
    assert found["total"] > 0
    assert found["question"] is True
    assert found["run"] == ["Accepted", ["3"]]
    verdict, passed, of = found["verdict"]
    assert (verdict, passed) == ("Accepted", of)
