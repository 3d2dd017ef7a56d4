"""The Contest API's feed and the stream of the standings end when the client loses the right to see them.

A filter or a stream must not reveal what single requests of the same client do not show.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from judge_api.store.engine import write_transaction
from judge_api.store.tables import event_members, submissions
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import utc_now
from judge_core.model.account import Role, Tier
from judge_core.model.submission import Verdict
from tests.support.records import finished
from tests.web.app_fixture import AppFixture
from tests.web.event_fixture import EventClient, make_event

_MOST_LINES = 200
_numbers = itertools.count()


@pytest.fixture
def event(app: AppFixture, monkeypatch: pytest.MonkeyPatch) -> EventClient:
    """An event that only its members see, whose streams look for changes all the time."""
    monkeypatch.setattr("judge_api.http.auth.RECHECK_SECONDS", 0.0)
    monkeypatch.setattr("judge_api.views.event_member.HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr("judge_api.compat.clics.views._FEED_SECONDS", 0.01)
    monkeypatch.setattr("judge_api.compat.clics.views._KEEP_ALIVE_SECONDS", 0.0)
    monkeypatch.setattr("judge_api.services.event_access._CACHE_SECONDS", 0.0)
    return make_event(app, f"watched-{next(_numbers)}", visibility="members")


def _open(app: AppFixture, path: str, key: str, scheme: str = "Bearer") -> Iterator[bytes]:
    """The lines of a stream that has begun."""
    answer = app.client.get(path, headers={"Authorization": f"{scheme} {key}"}, buffered=False)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    lines = answer.iter_encoded()
    next(lines)
    return lines


def _ends(lines: Iterator[bytes]) -> bool:
    return sum(1 for _ in itertools.islice(lines, _MOST_LINES)) < _MOST_LINES


def _paths(event: EventClient) -> tuple[str, str]:
    return (
        f"/events/{event.slug}/stream",
        f"/api/contests/{event.slug}/event-feed",
    )


@pytest.mark.parametrize("which", range(2))
@pytest.mark.parametrize("how", ["key revoked", "role changed", "account disabled"])
def test_the_stream_of_a_juror_ends_after_the_credentials_became_invalid(
    app: AppFixture, event: EventClient, which: int, how: str
) -> None:
    accounts = app.services.accounts
    account = accounts.add(f"leaving-{next(_numbers)}", Tier.NORMAL, Role.ADMIN)
    key_id, secret = accounts.issue_key(account.id, "short-lived")
    lines = _open(app, _paths(event)[which], secret)
    if how == "key revoked":
        accounts.revoke_key(account.id, key_id)
    elif how == "role changed":
        accounts.set_role(account.id, Role.USER)
    else:
        accounts.set_disabled(account.id, True)
    app.services.auth_cache.clear()
    assert _ends(lines)


@pytest.mark.parametrize("which", range(2))
@pytest.mark.parametrize("how", ["removed", "disabled"])
def test_the_stream_of_a_member_ends_after_the_member_was_removed_or_disabled(
    app: AppFixture, event: EventClient, which: int, how: str
) -> None:
    member = event.add("ada")
    lines = _open(app, _paths(event)[which], app.accounts["ada"].key)
    if how == "removed":
        event.call("author", "DELETE", f"/members/{member}", expect=204)
    else:
        event.call("author", "PATCH", f"/members/{member}", {"disabled": True}, expect=200)
    assert _ends(lines)


def test_the_stream_of_a_member_continues_while_other_members_leave(
    app: AppFixture, event: EventClient
) -> None:
    event.add("ada")
    other = event.add("bob")
    streams = [_open(app, path, app.accounts["ada"].key) for path in _paths(event)]
    event.call("author", "DELETE", f"/members/{other}", expect=204)
    assert not any(_ends(lines) for lines in streams)


@pytest.mark.parametrize("verdict", [Verdict.AC, Verdict.WA])
def test_filters_of_own_submissions_do_not_reveal_a_hidden_result(
    own_app: AppFixture, verdict: Verdict
) -> None:
    event = make_event(own_app, "later", rules={"feedback": "after-end"})
    event.add("ada")
    for _ in range(3):  # the cursor of a page with one submission shows whether there are more
        event.submit("ada", verdict)
    for query in ("verdict=AC", "verdict=WA", "full_marks=true", "full_marks=false"):
        assert _own(own_app, query) == {"submissions": [], "cursor": None}, query
    assert len(_own(own_app, "kind=submission")["submissions"]) == 1


def test_a_filter_finds_submissions_from_before_the_event(own_app: AppFixture) -> None:
    before = make_event(own_app, "before", starts=-300, ends=300)
    before.add("ada")
    shown = before.submit("ada")
    later = make_event(own_app, "later", starts=0, rules={"feedback": "after-end"})
    later.add("ada")
    later.submit("ada")
    page = _own(own_app, "verdict=AC")
    assert [each["id"] for each in page["submissions"]] == [shown]


def test_a_filter_finds_submissions_from_after_the_time_of_the_member(own_app: AppFixture) -> None:
    rules = {"feedback": "after-end", "length_minutes": 10}
    event = make_event(own_app, "own-time", rules=rules)
    event.add("ada")
    event.call("ada", "POST", "/start", {}, expect=200)
    hidden = event.submit("ada")
    _move_back(own_app, hidden, timedelta(minutes=30))
    # After a change the server reads the event again.
    event.call("author", "PATCH", "", {"title": "Own time"}, expect=200)
    practice = own_app.submit("ada").get_json()["id"]
    assert VerdictStore(own_app.services.engine).record(finished(practice)) is not None
    page = _own(own_app, "verdict=AC")
    assert ([each["id"] for each in page["submissions"]], page["cursor"]) == ([practice], None)


def _move_back(app: AppFixture, submission: str, by: timedelta) -> None:
    """Move the start of the member's own time, and its submission, into the past by this much."""
    with write_transaction(app.services.engine) as connection:
        at = utc_now() - by
        connection.execute(update(event_members).values(started_at=at))
        of_this = submissions.c.id == submission
        connection.execute(update(submissions).where(of_this).values(submitted_at=at + timedelta(minutes=1)))


def _own(app: AppFixture, query: str) -> Any:
    app.services.running_events.clear()
    return app.client.get(f"/submissions?{query}&limit=1", headers=app.headers("ada")).get_json()
