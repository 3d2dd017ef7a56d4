"""Runs random operations on a store, with the same operations, clock and ids for each database."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, select

from judge_api.store import submissions as submissions_module
from judge_api.store.attempts import NO_LANGUAGE, TRANSIENT_ERROR, AttemptStore, RequeueReason
from judge_api.store.engine import read_connection
from judge_api.store.outbox import Outbox
from judge_api.store.records import CONTEST_PRIORITY, LIVE_PRIORITY, REJUDGE_PRIORITY, SubmissionFilter
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import attempts, outbox, submissions
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import Jitter
from judge_core.messages import Report, ReportKind
from judge_core.model.account import Tier
from judge_core.model.errors import GavelError
from judge_core.model.submission import Verdict, rfc3339
from tests.support import records as records_module
from tests.support.records import add_account, finished, new_submission

_START = datetime(2030, 1, 1, tzinfo=UTC)
_REASONS = (
    RequeueReason("its worker died", worker="normal-1", ending="lost"),
    RequeueReason("a fault", worker="normal-2"),
    RequeueReason("drained", charged=False, ending="returned"),
    RequeueReason("the disk is full", charged=False, ending=TRANSIENT_ERROR),
    RequeueReason("no such language", charged=False, ending=NO_LANGUAGE, confidential=True),
    RequeueReason("the package", package_at_fault=True, confidential=True),
)


@contextmanager
def numbered_ids() -> Iterator[None]:
    """Makes new ids count up during the block, so that each run has the same ids."""
    last = 0

    def new_id() -> str:
        nonlocal last
        last += 1
        return str(uuid.UUID(int=last))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submissions_module, "new_id", new_id)
        patch.setattr(records_module, "new_id", new_id)
        yield


class StoreOperations:
    """Runs random operations on a store. A seed makes the same operations on each database."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self.random, self.now = Random(seed), _START
        clock, jitter = lambda: self.now, Jitter(lambda low, high: (low + high) / 2)
        self._engine = engine
        self.submissions = SubmissionStore(engine, clock)
        self.attempts = AttemptStore(engine, 3, clock, jitter)
        self.verdicts = VerdictStore(engine, clock)
        self.outbox = Outbox(engine, clock)
        self.accounts = [add_account(engine, name) for name in ("ada", "bob", "eve")]
        self.ids: list[str] = []

    def run(self, count: int) -> list[str]:
        """Run this many operations. Returns the name of each with its answer or error."""
        return [self._one(self.random.choice(_OPERATIONS)) for _ in range(count)]

    def rows(self) -> list[list[dict[str, Any]]]:
        """All rows of the tables."""
        found = []
        with read_connection(self._engine) as connection:
            for table in (submissions, outbox, attempts):
                query = select(table).order_by(*table.primary_key)
                found.append([dict(row) for row in connection.execute(query).mappings()])
        return found

    def _one(self, operation: Callable[[StoreOperations], object]) -> str:
        self.now += timedelta(milliseconds=self.random.choice([0, 1, 700, 4_000]))
        try:
            answer = operation(self)
        except GavelError as error:
            answer = f"{type(error).__name__}: {error}"
        return f"{operation.__name__}: {answer!r}"

    def some_id(self) -> str:
        return self.random.choice([*self.ids, "none"])

    def some_attempt(self) -> int:
        return self.random.choice([1, 1, 1, 2, 2, 3, 4])

    def some_tier(self) -> Tier:
        return self.random.choice([Tier.NORMAL, Tier.NORMAL, Tier.PREMIUM])

    def report(self, kind: ReportKind = ReportKind.FINISHED) -> Report:
        verdict = self.random.choice([Verdict.AC, Verdict.WA, Verdict.TLE])
        at = rfc3339(self.now)
        changes: dict[str, Any] = {"at": at, "started_at": self.random.choice([at, None]), "kind": kind}
        if kind is not ReportKind.FINISHED:
            changes["outcome"] = None
        return finished(self.some_id(), self.some_attempt(), verdict, **changes)


def _accept(store: StoreOperations) -> object:
    random = store.random
    key = random.choice([None, None, "a", "b", "c"])
    new = new_submission(
        random.choice([*store.accounts, *store.accounts, "unknown"]),
        tier=store.some_tier(),
        source=random.choice(["print(1)", "print('\u00e4\U0001f600')", "x" * 5_000, "a\x00b"]),
        language=random.choice(["python3", "cpp17"]),
        priority=random.choice([LIVE_PRIORITY, CONTEST_PRIORITY, REJUDGE_PRIORITY]),
        idempotency_key=key,
        body_hash=key and random.choice(["h", "h", "i"]),
        max_unfinished=random.choice([None, 6]),
        held=random.random() < 0.1,
    )
    accepted = store.submissions.accept(new, send_now=random.random() < 0.5)
    if not accepted.duplicate:
        store.ids.append(accepted.status.id)
    return accepted


def _accept_batch(store: StoreOperations) -> object:
    account = store.random.choice(store.accounts)
    batch = [new_submission(account, source=str(number)) for number in range(3)]
    results = store.submissions.accept_batch(batch)
    store.ids += [each.status.id for each in results if hasattr(each, "status")]
    return results


def _cancel(store: StoreOperations) -> object:
    return store.submissions.cancel(store.some_id())


def _claim(store: StoreOperations) -> object:
    tier, random = store.random.choice([None, Tier.NORMAL, Tier.PREMIUM]), store.random
    return store.outbox.claim(random.randint(1, 4), random.choice("xy"), random.randint(1, 9), tier)


def _claim_live(store: StoreOperations) -> object:
    return store.outbox.claim(store.random.randint(1, 4), "x", 5, store.some_tier(), live=True)


def _mark_sent(store: StoreOperations) -> None:
    store.outbox.mark_sent([(store.some_id(), store.some_attempt()) for _ in range(3)])


def _release(store: StoreOperations) -> None:
    later = store.random.choice([None, store.now + timedelta(seconds=3)])
    store.outbox.release([store.some_id(), store.some_id()], later)


def _hold(store: StoreOperations) -> None:
    store.outbox.hold([store.some_id()])


def _held(store: StoreOperations) -> object:
    return sorted(map(repr, store.outbox.held()))


def _resume(store: StoreOperations) -> object:
    return store.outbox.resume(store.some_tier(), store.random.choice(["python3", "cpp17"]))


def _look_at_the_outbox(store: StoreOperations) -> object:
    backlogs = [store.outbox.backlog(tier) for tier in (None, Tier.NORMAL, Tier.PREMIUM)]
    waits = store.outbox.has_unclaimed(store.some_id())
    return store.outbox.claimable(), store.outbox.count_waiting(5), backlogs, waits


def _begin(store: StoreOperations) -> None:
    store.attempts.begin([store.report(ReportKind.STARTED) for _ in range(2)])


def _record(store: StoreOperations) -> object:
    return store.verdicts.record(store.report())


def _record_all(store: StoreOperations) -> object:
    return store.verdicts.record_all([store.report() for _ in range(4)])


def _return(store: StoreOperations) -> object:
    return store.attempts.requeue_or_fail(
        store.some_id(), store.some_attempt(), store.random.choice(_REASONS)
    )


def _rejudge(store: StoreOperations) -> object:
    return store.attempts.rejudge(store.some_id(), store.random.choice([None, "b" * 64]))


def _resend(store: StoreOperations) -> object:
    found = store.attempts.open_submissions(store.now)
    found.sort(key=lambda one: (one.queued_at, one.id))
    return found, store.attempts.resend(found[:2])


def _mark_sent_by_others(store: StoreOperations) -> object:
    return store.attempts.mark_sent_by_other_releases()


def _read(store: StoreOperations) -> object:
    ids = [store.some_id() for _ in range(3)]
    statuses = sorted(store.submissions.statuses(ids).items())
    page = store.submissions.page(SubmissionFilter(), limit=3, oldest_first=store.random.random() < 0.5)
    one = store.submissions.submission(ids[0])
    return statuses, page, one, store.submissions.count_unfinished(store.accounts[0])


_OPERATIONS: tuple[Callable[[StoreOperations], object], ...] = (
    *(_accept,) * 4,
    _accept_batch,
    _cancel,
    *(_claim,) * 2,
    _claim_live,
    *(_mark_sent,) * 2,
    _release,
    _hold,
    _held,
    _resume,
    _look_at_the_outbox,
    _begin,
    *(_record,) * 2,
    _record_all,
    *(_return,) * 2,
    *(_rejudge,) * 2,
    _resend,
    _mark_sent_by_others,
    _read,
)
