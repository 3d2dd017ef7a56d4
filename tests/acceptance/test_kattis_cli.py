"""``kattis-cli`` from PyPI works unchanged against the whole stack, and so do the requests of Kattis'
submit.py."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.acceptance.app_fixture import PROBLEM, RunningStack

SUM = "print(sum(map(int, input().split())))\n"


@pytest.fixture
def command(published_python: Path) -> Path:
    return published_python.with_name("kattis")


def submit_by_kattis_cli(command: Path, stack: RunningStack, folder: Path, files: dict[str, str]) -> str:
    """Run ``kattis submit`` in a folder like that which ``kattis get`` makes. Returns its output."""
    account = stack.credentials.accounts["premium"]
    address, key = f"{stack.credentials.url}/kattis/kattisrc", {"Authorization": f"Bearer {account.key}"}
    folder.mkdir()
    (folder / ".kattisrc").write_text(requests.get(address, headers=key, timeout=30).text)
    (folder / ".kattis-cli.toml").write_text('[default]\n[python3]\nfileext = ".py"\n')
    problem = folder / PROBLEM
    problem.mkdir()
    metadata = f"problemid: {PROBLEM}\ntitle: A plus B\ncpu_limit: 1 s\nmem_limit: 1 GB\ndifficulty: '1'\n"
    (problem / f"{PROBLEM}.yaml").write_text(f"{metadata}submissions: 0\naccepted: 0\n")
    for name, source in files.items():
        (problem / name).write_text(source)
    done = subprocess.run(
        [str(command), "submit", "--force", "--problemid", PROBLEM, *files],
        cwd=problem,
        env={**os.environ, "HOME": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.clients
def test_kattis_cli_shows_a_wrong_answer(command: Path, stack: RunningStack, tmp_path: Path) -> None:
    printed = submit_by_kattis_cli(command, stack, tmp_path / "home", {f"{PROBLEM}.py": "print(0)\n"})
    assert "JUDGEMENT: Wrong Answer" in re.sub(r"\s+", " ", printed)
    assert "SORRY!" in printed


@pytest.mark.clients
def test_kattis_cli_submits_several_files(command: Path, stack: RunningStack, tmp_path: Path) -> None:
    files = {
        f"{PROBLEM}.py": "import sums\nprint(sums.of(input()))\n",
        "sums.py": "def of(line):\n    return sum(map(int, line.split()))\n",
    }
    printed = submit_by_kattis_cli(command, stack, tmp_path / "home", files)
    assert "JUDGEMENT: Accepted" in re.sub(r"\s+", " ", printed)
    assert "YAY!!" in printed


HEADERS = {"User-Agent": "kattis-cli-submit"}


class SubmitScript:
    """Sends the requests of submit.py, Kattis' own command-line client, in its order."""

    def __init__(self, url: str, user: str, token: str) -> None:
        self._url = f"{url}/kattis"
        form = {"user": user, "script": "true", "token": token}
        self._login = requests.post(f"{self._url}/login", data=form, headers=HEADERS, timeout=30)
        assert self._login.status_code == 200

    def submit(self, name: str, source: str) -> str:
        data = {"submit": "true", "submit_ctr": 2, "language": "Python 3", "mainclass": None}
        data |= {"problem": PROBLEM, "tag": None, "script": "true"}
        files = [("sub_file[]", (name, source.encode(), "application/octet-stream"))]
        cookies = self._login.cookies
        answer = requests.post(
            f"{self._url}/submit", data=data, files=files, cookies=cookies, headers=HEADERS, timeout=30
        )
        assert answer.status_code == 200
        found = re.search(r"Submission ID: (\d+)", answer.content.decode().replace("<br />", "\n"))
        assert found is not None
        return f"{self._url}/submissions/{found[1]}"

    def judgement(self, address: str) -> dict[str, Any]:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            cookies = self._login.cookies
            answer = requests.get(f"{address}?json", cookies=cookies, headers=HEADERS, timeout=30)
            if answer.json()["status_id"] > 5:
                return dict(answer.json())
            time.sleep(0.25)
        raise AssertionError("no judgement within a minute")


def test_a_submission_by_the_requests_of_submit_py_is_judged(stack: RunningStack) -> None:
    account = stack.credentials.accounts["normal"]
    script = SubmitScript(stack.credentials.url, account.name, account.key)
    final = script.judgement(script.submit("aplusb.py", SUM))
    assert final["status_id"] == 16
    total = final["row_html"].count("<i") - 1
    assert (final["testcase_index"], total > 0) == (total, True)
