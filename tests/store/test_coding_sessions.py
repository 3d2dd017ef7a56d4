"""Coding sessions and the numbers of problems work on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, delete

from judge_api.store.coding_sessions import MOST_CODING_SESSIONS, CodingSessionStore
from judge_api.store.engine import write_transaction
from judge_api.store.problem_numbers import ProblemNumberStore
from judge_api.store.problems import ProblemStore
from judge_api.store.records import ProblemRow, SubmissionFilter
from judge_api.store.statistics import StatisticsStore
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import attempts, submissions
from judge_api.store.verdicts import VerdictStore
from judge_core.model.errors import Conflict, NotFound
from judge_core.model.submission import Verdict
from tests.support.records import add_account, finished, new_submission


def _judge(engine: Engine, account: str, verdict: Verdict = Verdict.AC) -> str:
    """Make a submission with this verdict. Returns its id."""
    id = SubmissionStore(engine).accept(new_submission(account), send_now=False).status.id
    VerdictStore(engine).record(finished(id, verdict=verdict))
    return id


def _ids(engine: Engine, account: str) -> list[list[str]]:
    """The submissions of each session, the oldest first."""
    store = SubmissionStore(engine)
    filters = [SubmissionFilter(account, session=each) for each in CodingSessionStore(engine).of(account)]
    return [[status.id for status in store.page(each, oldest_first=True).items] for each in filters]


def test_a_submission_belongs_to_the_coding_session_that_was_active_at_that_time(engine: Engine) -> None:
    account, sessions = add_account(engine), CodingSessionStore(engine)
    first = _judge(engine, account)
    sessions.create(account, "second try")
    still_first = _judge(engine, account)
    sessions.activate(account, 2)
    second = _judge(engine, account, Verdict.WA)
    sessions.activate(account, 1)
    first_again = _judge(engine, account)
    assert _ids(engine, account) == [[first, still_first, first_again], [second]]
    assert [each.is_active for each in sessions.of(account)] == [True, False]
    statistics, (one, two) = StatisticsStore(engine), sessions.of(account)
    assert [statistics.totals(account, session=each) for each in (one, two)] == [(3, 3), (0, 1)]
    assert statistics.marks(account, session=one) == {"aplusb": "solved"}
    assert statistics.marks(account, session=two) == {"aplusb": "tried"}
    assert statistics.totals(account) == (3, 4), "without a session all submissions must count"


def test_switching_sessions_without_submissions_does_not_change_later_assignments(engine: Engine) -> None:
    account, sessions = add_account(engine), CodingSessionStore(engine)
    sessions.create(account, "other")
    for number in (2, 1, 1, 2, 1, 2):
        sessions.activate(account, number)
    kept = _judge(engine, account)
    assert _ids(engine, account) == [[], [kept]]


def test_coding_sessions_can_be_switched_after_the_newest_submissions_were_deleted(engine: Engine) -> None:
    """Retention deletes old runs, so the newest serial number of an account may fall."""
    account, sessions = add_account(engine), CodingSessionStore(engine)
    first = _judge(engine, account)
    sessions.create(account, "other")
    sessions.activate(account, 2)
    deleted = _judge(engine, account)
    sessions.activate(account, 1)
    with write_transaction(engine) as connection:
        connection.execute(delete(attempts).where(attempts.c.submission_id == deleted))
        connection.execute(delete(submissions).where(submissions.c.id == deleted))
    for number in (2, 1, 2):
        sessions.activate(account, number)
    second = _judge(engine, account)
    assert _ids(engine, account) == [[first], [second]]


def test_deleting_a_coding_session_keeps_its_submissions(engine: Engine) -> None:
    account, sessions = add_account(engine), CodingSessionStore(engine)
    kept = _judge(engine, account)
    sessions.create(account, "other")
    sessions.activate(account, 2)
    with pytest.raises(Conflict, match="activate another one first"):
        sessions.delete(account, 2)
    sessions.delete(account, 1)
    assert [each.number for each in sessions.of(account)] == [2]
    assert _ids(engine, account) == [[]]
    assert SubmissionStore(engine).submission(kept) is not None


def test_coding_sessions_belong_to_a_single_account_and_their_number_is_limited(engine: Engine) -> None:
    ada, bob, sessions = add_account(engine), add_account(engine, "bob"), CodingSessionStore(engine)
    for number in range(2, MOST_CODING_SESSIONS + 1):
        sessions.create(ada, f"session {number}")
    with pytest.raises(Conflict, match="delete one first"):
        sessions.create(ada, "one more")
    with pytest.raises(Conflict, match="choose another name"):
        sessions.create(ada, "session 2")
    for act in (sessions.activate, sessions.delete):
        with pytest.raises(NotFound, match="no session 2"):
            act(bob, 2)
    assert [each.is_whole for each in sessions.of(bob)] == [True]


def _offer(engine: Engine, slug: str, day: int) -> None:
    at = datetime(2026, 1, day, tzinfo=UTC)
    ProblemStore(engine).put(ProblemRow(slug, slug[0] * 64, slug, "icpc", {"statements": []}, at))


def test_problems_are_numbered_in_the_order_of_adding_and_keep_their_numbers(engine: Engine) -> None:
    numbers = ProblemNumberStore(engine)
    before = max(numbers.of([]).values(), default=0)
    _offer(engine, "zebra", 1)
    _offer(engine, "apple", 2)
    found = numbers.of(["apple", "zebra"])
    assert (found["zebra"], found["apple"]) == (before + 1, before + 2)
    _offer(engine, "middle", 1)
    assert numbers.of(["middle"])["middle"] == before + 3
    assert numbers.of([])["zebra"] == before + 1
    assert "gone" not in numbers.of(["gone"])
