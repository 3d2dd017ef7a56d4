"""Requests recorded from clients that are in no registry get the recorded status and members.

``make record-official`` recorded them word for word: Kattis' ``submit.py``, DOMjudge's ``submit`` and
CodeRunner's own sandbox class.
"""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from judge_core.model.submission import Outcome, TestResult, Verdict
from tests.acceptance.official import CONTEST, Recorded, Sent, read_recordings
from tests.compat.workers import judged_as, offer_languages
from tests.web.app_fixture import AppFixture
from tests.web.event_fixture import make_event

RECORDED = {each.client: each for each in read_recordings()}
TEST = TestResult("run/1", Verdict.AC, 12, 20, 900, sample=True, output="42\n", stderr="", exit_code=0)
OUTCOME = Outcome(Verdict.AC, (TEST,), 1)
NAME = "ada"


class Client:
    """Sends recorded requests with credentials and cookies of its own."""

    def __init__(self, app: AppFixture) -> None:
        self._app, self._key = app, app.accounts[NAME].key
        self._cookie = ""
        self._number = ""

    def send(self, sent: Sent) -> Any:
        headers = {name: self._header(name, value) for name, value in sent.headers.items()}
        path = re.sub(r"(?<=/submissions/)N", self._number, sent.path)
        body = sent.body.replace("KEY", self._key).replace("user=normal", f"user={NAME}")
        answer = self._app.client.open(path, method=sent.method, headers=headers, data=body.encode() or None)
        if "Set-Cookie" in answer.headers:
            self._cookie = answer.headers["Set-Cookie"].partition(";")[0]
        if found := re.search(r"Submission ID: (\d+)", answer.get_data(as_text=True)):
            self._number = found[1]
        return answer

    def _header(self, name: str, value: str) -> str:
        if name == "Authorization":
            return f"Basic {base64.b64encode(f'{NAME}:{self._key}'.encode()).decode()}"
        return self._cookie if name == "Cookie" else value.replace("KEY", self._key)


def test_each_client_without_a_registry_has_a_recording() -> None:
    words = " ".join(RECORDED)
    assert all(name in words for name in ("submit.py", "DOMjudge", "jobesandbox.php"))


@pytest.mark.parametrize("client", RECORDED)
def test_recorded_requests_get_the_recorded_status_and_members(app: AppFixture, client: str) -> None:
    offer_languages(app, python3="3.11", c17="12", java="17", cpp17="12")
    recorded, sender = RECORDED[client], Client(app)
    _prepare(app, recorded)
    with judged_as(app, OUTCOME):
        for sent in recorded.requests:
            answer = sender.send(sent)
            said = answer.get_data(as_text=True)
            assert answer.status_code == sent.status, f"{sent.method} {sent.path}: {said}"
            assert _keys(said) >= _keys(sent.answer), f"{sent.method} {sent.path}: {said}"


def _prepare(app: AppFixture, recorded: Recorded) -> None:
    """Make the contest to which DOMjudge's client submitted."""
    if "DOMjudge" in recorded.client:
        make_event(app, CONTEST).add(NAME)


def _keys(text: str) -> set[str]:
    """The names of the members in a JSON answer. The answer is not parsed, because a recording may have only
    its beginning."""
    return set(re.findall(r'"(\w+)":', text))
