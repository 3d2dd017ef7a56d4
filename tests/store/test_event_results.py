"""A submission to an event counts once, and its changes follow in order. The results of an event can be
computed again at any time."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, RowMapping, select, text

from judge_api.events.rules import EventRules, IoiRules, Joining, ScoreMode, Scoring, Visibility
from judge_api.events.scoring import EventTry, TryState
from judge_api.events.standings import standings_of
from judge_api.events.windows import EventTimes
from judge_api.store import event_results
from judge_api.store.account_deletion import AccountDeletion
from judge_api.store.accounts import AccountStore
from judge_api.store.attempts import AttemptStore, RequeueReason
from judge_api.store.engine import current_budget, write_transaction
from judge_api.store.event_results import EventResultStore, add_event_submission
from judge_api.store.events import ChangedProblems, EventStore, NewMember, ProblemInEvent, StoredEvent
from judge_api.store.records import EventEntry
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import new_id, submissions
from judge_api.store.verdicts import VerdictStore
from judge_core.messages import Report
from judge_core.model.errors import Conflict, NotFound
from judge_core.model.submission import GroupScore, Outcome, Status, Verdict
from judge_core.model.submission import Scoring as ScoreParts
from tests.support.records import add_account, finished, new_submission

START = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


def add_event(engine: Engine, account: str, slug: str = "finals") -> tuple[StoredEvent, EventEntry]:
    """Add an event with one problem and one member. Returns the event, and the ``EventEntry`` of the
    member's submissions."""
    times = EventTimes(datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=4))
    event = StoredEvent(
        new_id(), slug, "Finals", "", times, EventRules(), Visibility.PUBLIC, Joining.CLOSED, None, account
    )
    store = EventStore(engine)
    store.add(event, [ProblemInEvent("aplusb", "A")])
    store.add_members(event.id, [NewMember("Team", (account,))])
    member = store.member_of(event.id, account)
    assert member is not None
    return event, EventEntry(event.id, member.id)


def submit(engine: Engine, account: str, entry: EventEntry) -> str:
    return SubmissionStore(engine).accept(new_submission(account, event=entry)).status.id


def tries(engine: Engine, event: StoredEvent, since: int = 0) -> list[EventTry]:
    found = EventResultStore(engine).changes_since(event.id, since, {})
    assert found is not None
    return list(found.tries)


def test_a_submission_and_its_verdict_are_in_the_standings(engine: Engine) -> None:
    account = add_account(engine)
    event, entry = add_event(engine, account)
    id = submit(engine, account, entry)
    assert [(each.submission, each.state) for each in tries(engine, event)] == [(id, TryState.PENDING)]
    VerdictStore(engine).record(finished(id))
    (found,) = tries(engine, event, since=1)
    assert (found.verdict, found.share, found.member) == (Verdict.AC, 1.0, entry.member_id)
    assert tries(engine, event, since=2) == []
    (row,) = standings_of(EventStore(engine).setup(event), [found]).rows()
    assert (row.rank, row.solved) == (1, 1)


def test_a_submission_outside_of_events_is_not_in_an_event_s_results(engine: Engine) -> None:
    account = add_account(engine)
    event, _ = add_event(engine, account)
    id = SubmissionStore(engine).accept(new_submission(account)).status.id
    VerdictStore(engine).record(finished(id))
    assert tries(engine, event) == []


def test_a_rejudging_changes_an_event_s_result_only_with_its_verdict(engine: Engine) -> None:
    account = add_account(engine)
    event, entry = add_event(engine, account)
    id = submit(engine, account, entry)
    VerdictStore(engine).record(finished(id, verdict=Verdict.WA))
    again = AttemptStore(engine).rejudge(id)
    assert again is not None
    assert [each.verdict for each in tries(engine, event)] == [Verdict.WA]
    VerdictStore(engine).record(finished(id, attempt=again.attempt))
    assert [each.verdict for each in tries(engine, event)] == [Verdict.AC]


def test_a_submission_that_ends_without_a_verdict_does_not_count_in_its_event(engine: Engine) -> None:
    account = add_account(engine)
    event, entry = add_event(engine, account)
    cancelled, failed = submit(engine, account, entry), submit(engine, account, entry)
    assert SubmissionStore(engine).cancel(cancelled)
    why = RequeueReason("broken", package_at_fault=True)
    assert AttemptStore(engine).requeue_or_fail(failed, 1, why) is not None
    assert [each.state for each in tries(engine, event)] == [TryState.VOID, TryState.VOID]


def test_the_number_of_tries_of_a_member_is_limited(engine: Engine) -> None:
    account = add_account(engine)
    _, entry = add_event(engine, account)
    limited = replace(entry, max_tries=2)
    first = submit(engine, account, limited)
    submit(engine, account, limited)
    with pytest.raises(Conflict, match="all 2 submissions"):
        submit(engine, account, limited)
    SubmissionStore(engine).cancel(first)
    submit(engine, account, limited)


def test_a_disqualified_submission_is_void_until_the_disqualification_ends(engine: Engine) -> None:
    account = add_account(engine)
    event, entry = add_event(engine, account)
    id = submit(engine, account, entry)
    VerdictStore(engine).record(finished(id))
    results = EventResultStore(engine)
    assert results.disqualify(event.id, id, "copied")
    assert [each.state for each in tries(engine, event)] == [TryState.VOID]
    assert results.disqualify(event.id, id, None)
    assert [each.state for each in tries(engine, event)] == [TryState.JUDGED]
    assert not results.disqualify(event.id, new_id(), "unknown")


def test_a_submission_that_is_posted_while_its_event_is_deleted_is_kept_without_an_event(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = add_account(engine)
    event, entry = add_event(engine, account)
    deletions: list[Future[None]] = []

    with ThreadPoolExecutor(1) as threads:

        def add_while_it_is_deleted(connection: Connection, *given: Any) -> None:
            add_event_submission(connection, *given)
            deletions.append(threads.submit(EventStore(engine).delete, event.id))
            wait_for_a_lock(engine, deletions[0])

        monkeypatch.setattr("judge_api.store.submissions.add_event_submission", add_while_it_is_deleted)
        id = submit(engine, account, entry)
        deletions[0].result(60)
    with engine.connect() as connection:
        row = connection.execute(select(submissions.c.event_id).where(submissions.c.id == id)).one()
    assert row.event_id is None


def test_a_submission_of_a_member_that_has_just_been_removed_is_refused(engine: Engine) -> None:
    """Otherwise the submission would be stored, and would be in no standings."""
    account = add_account(engine)
    event, entry = add_event(engine, account)
    assert EventStore(engine).remove_member(event.id, entry.member_id)
    with pytest.raises(NotFound, match="removed from the event"):
        submit(engine, account, entry)
    assert tries(engine, event) == []


def test_a_verdict_that_comes_while_results_are_computed_again_counts(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = add_account(engine)
    event, entry = add_event(engine, account)
    id = submit(engine, account, entry)
    with write_transaction(engine) as connection:
        connection.execute(text("UPDATE event_submissions SET state = 'void'"))
    recorded: list[Future[Status | None]] = []
    compute = event_results._recorded_result

    with ThreadPoolExecutor(1) as threads:

        def compute_while_a_verdict_comes(row: RowMapping) -> dict[str, Any]:
            recorded.append(threads.submit(VerdictStore(engine).record, finished(id)))
            wait_for_a_lock(engine, recorded[0])
            return compute(row)

        monkeypatch.setattr(event_results, "_recorded_result", compute_while_a_verdict_comes)
        assert EventResultStore(engine).recompute(event.id) == 1
        assert recorded[0].result(60) is not None
    assert [(each.state, each.verdict) for each in tries(engine, event)] == [(TryState.JUDGED, Verdict.AC)]


def wait_for_a_lock(engine: Engine, other: Future[Any]) -> None:
    """Wait until another transaction of PostgreSQL waits for this one, or has ended. SQLite has one writer at
    a time."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = current_database()"
    )
    deadline = time.monotonic() + 60
    while engine.dialect.name == "postgresql" and not other.done():
        with engine.connect() as connection:
            if connection.execute(query).scalar_one():
                return
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_number_of_tokens_of_a_problem_is_limited(engine: Engine) -> None:
    account = add_account(engine)
    event, entry = add_event(engine, account)
    ids = [submit(engine, account, entry) for _ in range(2)]
    results = EventResultStore(engine)
    results.use_token(event.id, entry.member_id, ids[0], most=1)
    results.use_token(event.id, entry.member_id, ids[0], most=1)
    with pytest.raises(Conflict, match="your one token for this problem"):
        results.use_token(event.id, entry.member_id, ids[1], most=1)
    assert {each.submission for each in tries(engine, event) if each.tokened} == {ids[0]}


def test_the_results_of_an_event_can_be_computed_again_from_the_recorded_submissions(engine: Engine) -> None:
    account = add_account(engine)
    event, entry = add_event(engine, account)
    judged, waiting = submit(engine, account, entry), submit(engine, account, entry)
    VerdictStore(engine).record(finished(judged))
    before = tries(engine, event)
    results = EventResultStore(engine)
    assert results.recompute(event.id) == 0
    with write_transaction(engine) as connection:
        connection.execute(text("UPDATE event_submissions SET state = 'void', verdict = NULL"))
    assert results.recompute(event.id) == 2
    assert {each.submission: each.verdict for each in tries(engine, event)} == {
        judged: Verdict.AC, waiting: None
    }  # fmt: skip
    assert len(before) == 2


def test_the_time_limit_for_computing_results_again_holds_for_each_part_of_an_event(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results are computed again in parts. All parts of a large event together may take longer than one
    request may."""
    account = add_account(engine)
    event, entry = add_event(engine, account)
    for _ in range(3):
        submit(engine, account, entry)
    with write_transaction(engine) as connection:
        connection.execute(text("UPDATE event_submissions SET state = 'void'"))
    compute = event_results._recorded_result

    def spend_all(row: RowMapping) -> dict[str, Any]:
        budget = current_budget()
        assert budget is not None
        budget._left = 0.0
        return compute(row)

    monkeypatch.setattr(event_results, "_MOST_AT_ONCE", 1)
    monkeypatch.setattr(event_results, "_recorded_result", spend_all)
    assert EventResultStore(engine).recompute(event.id, 10.0) == 3
    assert [each.state for each in tries(engine, event)] == [TryState.PENDING] * 3


def test_the_scores_of_test_groups_in_an_event_can_be_computed_again(engine: Engine) -> None:
    account = add_account(engine)
    event, entry = add_event(engine, account)
    ids = [submit(engine, account, entry) for _ in range(3)]
    parts = (GroupScore("secret/1", 30.0, 40.0), GroupScore("secret/2", 5.0, 60.0))
    scored = Outcome(Verdict.WA, score=35.0, groups={"secret/1": 30.0, "secret/2": 5.0})
    for id in ids:
        VerdictStore(engine).record(finished(id, outcome=scored.with_scoring(ScoreParts(100.0, parts))))
    results = EventResultStore(engine)
    assert results.recompute(event.id) == 0
    with write_transaction(engine) as connection:
        connection.execute(text("UPDATE event_submissions SET state = 'pending', groups = NULL"))
        if engine.dialect.name == "sqlite":  # PostgreSQL stores no damaged JSON.
            damaged = text("UPDATE submissions SET sandbox = '{' WHERE id = :id")
            connection.execute(damaged, {"id": ids[2]})
    assert results.recompute(event.id) == 3
    found = {each.id: each.groups for each in results.judged(event.id)}
    assert found[ids[0]] == found[ids[1]] == {"secret/1": 30.0, "secret/2": 5.0}
    assert set(found) == set(ids)


def test_the_submissions_of_a_deleted_event_stay(engine: Engine) -> None:
    account = add_account(engine)
    event, entry = add_event(engine, account)
    id = submit(engine, account, entry)
    EventStore(engine).delete(event.id)
    assert VerdictStore(engine).record(finished(id)) is not None
    assert EventStore(engine).get("finals") is None
    assert EventResultStore(engine).changes_since(event.id, 0, {}) is None


def test_a_deleted_account_keeps_its_results_without_its_name(engine: Engine) -> None:
    alone, one, other = (add_account(engine, name) for name in ("alone", "one", "other"))
    event, entry = add_event(engine, alone)
    events = EventStore(engine)
    events.add_members(event.id, [NewMember("Pair", (one, other))])
    events.ask(event.id, entry.member_id, None, "my name is Alone")
    VerdictStore(engine).record(finished(submit(engine, alone, entry)))
    (exported,) = events.of_account(alone)
    assert (exported["event"], exported["questions"]) == ("finals", ["my name is Alone"])
    accounts = AccountStore(engine)
    for id in (alone, one):
        account = accounts.get(id)
        assert account is not None
        AccountDeletion(engine).delete(account)
    names = sorted(row.member.name for row in events.members(event.id))
    assert names[0] == "Pair"
    assert names[1].startswith("deleted-")
    assert "Alone" not in str(events.messages(event.id))
    standings = standings_of(events.setup(event), tries(engine, event)).rows()
    assert [row.solved for row in standings] == [1, 0]


def test_the_best_scores_of_the_test_groups_are_added_up(engine: Engine) -> None:
    account = add_account(engine)
    event, entry = add_event(engine, account)
    events = EventStore(engine)
    rules = EventRules(scoring=Scoring.IOI, ioi=IoiRules(ScoreMode.GROUPS))
    weighted = ProblemInEvent("aplusb", "A", 100.0)
    events.change(event, replace(event, rules=rules), ChangedProblems(events.problems(event.id), [weighted]))
    for groups in ({"secret/1": 30.0, "secret/2": 0.0}, {"secret/1": 0.0, "secret/2": 45.0}):
        id, score = submit(engine, account, entry), sum(groups.values())
        judged = Outcome(Verdict.WA, score=score, groups=groups)
        sent = Report.load(finished(id, outcome=judged).dump())
        assert VerdictStore(engine).record(sent) is not None
    found = EventResultStore(engine).changes_since(event.id, 0, {"aplusb": 100.0})
    changed = events.get("finals")
    assert found is not None and changed is not None
    (row,) = standings_of(events.setup(changed), found.tries).rows()
    assert row.points == 75.0
