"""Published clients of the Contest API work unchanged.

They are xcpcio's archiver, its models of the specification's JSON schemas, and its server, from which the
contest is imported again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.acceptance.app_fixture import PROBLEM, RunningStack, wait_until
from tests.acceptance.published_clients import CLIENTS, answer_of
from tests.support.ports import free_port

pytestmark = pytest.mark.clients
SUM = "print(sum(map(int, input().split())))\n"
_SECONDS = 110


def _call(stack: RunningStack, method: str, path: str, account: str = "admin", body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {stack.credentials.accounts[account].key}"}
    url = f"{stack.credentials.url}{path}"
    answer = requests.request(method, url, json=body, headers=headers, timeout=30)
    assert answer.ok, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def contest(stack: RunningStack) -> str:
    """The slug of a contest with two teams. The first team is accepted at its second try. The second team has
    a wrong answer."""
    slug = f"archived-{os.getpid()}"
    now = datetime.now(UTC)
    body = {
        "slug": slug,
        "title": "Archived",
        "starts_at": (now - timedelta(hours=1)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
        "visibility": "public",
        "rules": {"freeze_minutes": 30},
        "problems": [{"slug": PROBLEM, "colour": "#00FF00"}],
    }
    _call(stack, "POST", "/events", body=body)
    members = [{"accounts": [each], "affiliation": f"{each} school"} for each in ("normal", "premium")]
    _call(stack, "POST", f"/events/{slug}/members", body={"members": members})
    asked = _call(stack, "POST", f"/events/{slug}/messages", "normal", {"question": "Is n > 0?"})
    path = f"/events/{slug}/messages/{asked['id']}/answer"
    _call(stack, "PUT", path, body={"answer": "Yes.", "to_all": True})
    for account, source in (("normal", "print(-1)\n"), ("normal", SUM), ("premium", "print(-1)\n")):
        entry = {"event": slug, "problem": "A", "language": "python3", "source": source}
        _call(stack, "POST", "/submissions", account, entry)
    wait_until(lambda: _states(stack, slug) == ["judged"] * 3, "three verdicts")
    return slug


def _states(stack: RunningStack, slug: str) -> list[str]:
    return [each["state"] for each in _call(stack, "GET", f"/events/{slug}/submissions")["submissions"]]


def archive_contest(stack: RunningStack, python: Path, slug: str, folder: Path) -> None:
    key = stack.credentials.accounts["admin"].key
    address = f"{stack.credentials.url}/api/"
    command = [str(python.with_name("clics-archiver")), "--base-url", address, "--contest-id", slug]
    done = subprocess.run(
        [*command, "-o", str(folder), "--token", key, "--log-level", "warning"],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def archive(
    stack: RunningStack, published_python: Path, contest: str, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("clics") / "archive"
    archive_contest(stack, published_python, contest, folder)
    return folder


def test_an_archived_contest_fits_the_schemas_of_the_specification(
    published_python: Path, archive: Path
) -> None:
    found = answer_of([str(published_python), str(CLIENTS / "clics_models.py"), str(archive)])
    assert found["faults"] == []
    kinds = ("contest", "state", "teams", "submissions", "judgements", "runs", "clarifications", "awards")
    assert [kind for kind in kinds if not found["checked"].get(kind)] == []


def test_the_archiver_fetches_the_files_of_each_submission(archive: Path) -> None:
    assert len(list((archive / "submissions").glob("*/files.zip"))) == 3


@contextmanager
def _served(python: Path, folder: Path) -> Iterator[str]:
    port = free_port()
    command = [str(python.with_name("clics-server")), "-p", str(folder), "--port", str(port)]
    with (folder.parent / "server.log").open("wb") as log:
        server = subprocess.Popen([*command, "--host", "127.0.0.1"], stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}/api/contests"
    try:
        wait_until(lambda: server.poll() is not None or _answers(address), "the published server")
        yield address
    finally:
        server.terminate()
        server.wait(30)


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=2).ok
    except requests.RequestException:
        return False


def test_a_contest_is_imported_from_the_api_of_another_system(
    stack: RunningStack, published_python: Path, archive: Path, contest: str
) -> None:
    """The imported contest equals the exported contest. The other system is xcpcio's server, which serves the
    archive."""
    again = f"{contest}-again"
    with _served(published_python, archive) as address:
        environment = {**os.environ, "GAVEL_DATA": str(stack.data)}
        command = [sys.executable, "-m", "judge_api", "events", "import-feed", f"{address}/{contest}"]
        done = subprocess.run(
            [*command, "--slug", again],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 problems, 2 members, 3 submissions" in done.stdout

    def shown(slug: str) -> list[Any]:
        rows = _call(stack, "GET", f"/events/{slug}/standings")["rows"]
        names = ("name", "affiliation", "rank", "solved", "penalty_seconds")
        return [[row[name] for name in names] for row in rows]

    assert shown(again) == shown(contest)
