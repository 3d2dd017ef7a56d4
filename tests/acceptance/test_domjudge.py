"""The requests of DOMjudge's ``submit`` client, in its order, work against the whole stack.

The client is in no registry. Its calls are those of the script of release 8.3: contests, languages, problems,
and the form. Each has Basic authentication from ``~/.netrc``, and the base address ends in a slash.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
import requests

from gavel_client import Gavel
from tests.acceptance.app_fixture import PROBLEM, RunningStack
from tests.acceptance.published_clients import CLIENTS, answer_of

HEADERS = {"user-agent": f"domjudge-submit-client ({requests.utils.default_user_agent()})"}
SUM = "print(sum(map(int, input().split())))\n"


class SubmitClient:
    """Does what ``submit --contest C --problem P FILE`` does. ``version`` is its ``api_version``."""

    def __init__(self, base: str, name: str, key: str, version: str = "") -> None:
        self._base, self._auth, self._version = base, (name, key), version

    def _get(self, name: str) -> Any:
        address = f"{self._base}api/{self._version}{name}"
        answer = requests.get(address, headers=HEADERS, auth=self._auth, timeout=30)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def submit(self, contest: str, problem: str, name: str, source: str) -> str:
        found = next(one for one in self._get("contests") if contest in (one["id"], one["shortname"].lower()))
        assert found["allow_submit"]
        place, stem, extension = f"contests/{found['id']}", *name.rpartition(".")[::2]
        language = next(
            one
            for one in self._get(f"{place}/languages")
            if extension in {one["id"], *one["extensions"]} and not one["entry_point_required"]
        )
        wanted = (problem or stem).lower()
        chosen = next(
            one
            for one in self._get(f"{place}/problems")
            if wanted in (one["id"].lower(), one["label"].lower())
        )
        answer = requests.post(
            f"{self._base}api/{self._version}{place}/submissions",
            data={"problem": chosen["id"], "language": language["id"]},
            files=[("code[]", (name, source.encode()))],
            headers=HEADERS,
            auth=self._auth,
            timeout=30,
        )
        assert answer.status_code < 300, answer.text
        submission = answer.json()
        assert isinstance(submission["id"], str)
        datetime.fromisoformat(submission["time"])
        return str(submission["id"])


def make_contest(stack: RunningStack, slug: str) -> None:
    """Make an event with the sample problem. The premium account is its member."""
    admin = {"Authorization": f"Bearer {stack.credentials.accounts['admin'].key}"}
    now = datetime.now(UTC)
    event = {
        "slug": slug,
        "title": "Practice",
        "starts_at": (now - timedelta(minutes=5)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
        "rules": {},
        "visibility": "public",
        "problems": [{"slug": PROBLEM}],
    }
    url = f"{stack.credentials.url}/events"
    assert requests.post(url, json=event, headers=admin, timeout=30).status_code == 201
    name = stack.credentials.accounts["premium"].name
    members = {"members": [{"accounts": [name]}]}
    answer = requests.post(f"{url}/{slug}/members", json=members, headers=admin, timeout=30)
    assert answer.status_code == 200, answer.text


def read_by_pydomjudge(python: Path, stack: RunningStack, contest: str) -> dict[str, Any]:
    """How many objects each call of pydomjudge returned, or what its models refused."""
    account = stack.credentials.accounts["admin"]
    driver = str(CLIENTS / "domjudge_client.py")
    found = answer_of([str(python), driver, stack.credentials.url, account.name, account.key, contest])
    return dict(found)


@pytest.mark.clients
def test_a_client_from_pypi_reads_a_contest(published_python: Path, stack: RunningStack) -> None:
    slug = f"read-{token_hex(4)}"
    make_contest(stack, slug)
    account = stack.credentials.accounts["premium"]
    client = SubmitClient(f"{stack.credentials.url}/", account.name, account.key)
    with stack.gavel("premium") as gavel:
        assert gavel.wait(client.submit(slug, "A", f"{PROBLEM}.py", SUM), 60).verdict == "AC"
    found = read_by_pydomjudge(published_python, stack, slug)
    faults = {call: each for call, each in found.items() if not isinstance(each, int)}
    assert not faults, "\n".join(f"{call}: {fault}" for call, fault in faults.items())


@pytest.mark.parametrize(("version", "problem"), [("", "A"), ("v4/", "")])
def test_a_submission_by_the_requests_of_the_submit_client_is_judged(
    stack: RunningStack, version: str, problem: str
) -> None:
    slug = f"practice-{version.strip('/') or 'plain'}"
    make_contest(stack, slug)
    account = stack.credentials.accounts["premium"]
    client = SubmitClient(f"{stack.credentials.url}/", account.name, account.key, version)
    id = client.submit(slug, problem, f"{PROBLEM}.py", SUM)
    with Gavel(stack.credentials.url, account.key) as gavel:
        assert gavel.wait(id, 60).verdict == "AC"
