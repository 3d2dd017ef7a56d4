"""Takes the steps of a trace of the model in the real code: store, Lua scripts, consumer and reconciler.

After each step the rows of the database and the keys of Redis must agree with the model's state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from judge_api.dispatch import reconciler
from judge_api.dispatch.metrics import Counters, MetricsBuffer
from judge_api.dispatch.report_consumer import ConsumerOptions, ReportConsumer, ReportStores, StreamEntry
from judge_api.dispatch.rq_queue import CANCELLED_LEASE, RqQueue, queue_key
from judge_api.store.attempts import AttemptStore
from judge_api.store.outbox import Outbox
from judge_api.store.records import OpenSubmission
from judge_api.store.submissions import SubmissionStore
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import Clock, utc_now
from judge_core.messages import JudgeRequest
from judge_core.model.account import Tier
from judge_core.model.routing import Routes
from judge_core.redis import client as client_module
from judge_core.redis.client import create_redis_client
from judge_core.redis.keys import REPORTS_STREAM, job_id, lease_key, popped_jobs_key
from tests.model.explore import Trace
from tests.model.language import Model
from tests.model.submission import Bounds
from tests.simulation.database import SimulatedDatabase
from tests.simulation.kernel import Kernel
from tests.simulation.redis import ClientFactory, SimulatedRedis
from tests.support.records import SIGNER, add_account, finished, new_submission
from workers.redis_link import PoppedJob, RedisLink

_URL, _LEASE_SECONDS, _MOST = "redis://simulated", 10.0, 1_000_000
_EVERYWHERE = Routes({})
"""The model has no routes, so each waiting job is in the right queue."""
Found = dict[str, int]


class Replay:
    """One submission in the real code, and what each process of the model remembers."""

    def __init__(self, database: SimulatedDatabase, redis: SimulatedRedis, bounds: Bounds) -> None:
        self._database, self._redis, self._bounds = database, redis, bounds
        engine = database.engine
        self._store, self._attempts = SubmissionStore(engine), AttemptStore(engine, 1_000)
        self._last_attempts = AttemptStore(engine, 1)
        self._outbox, self._verdicts = Outbox(engine), VerdictStore(engine)
        client = create_redis_client(_URL, 1.0)
        # The model has one lease for all attempts. The real code has one lease too if the names have no
        # secrets.
        self._queue = RqQueue(client, SIGNER, accepts_unproven=True)
        metrics = MetricsBuffer(Counters(_URL), Clock())
        stores = ReportStores(self._verdicts, self._attempts)
        options = ConsumerOptions("c", accepts_unproven=True)
        self._consumer: Any = ReportConsumer(stores, client, metrics, options, SIGNER)
        self._links = {w: self._link(w) for w in bounds.worker_numbers}
        self._account = add_account(engine)
        self._id = ""
        self._requests: dict[int, JudgeRequest] = {}
        self._entry: StreamEntry | None = None
        self._late_finish: Callable[[], object] = lambda: None

    def _link(self, worker: int) -> RedisLink:
        return RedisLink(create_redis_client(_URL, 1.0), _name(worker), _LEASE_SECONDS, Tier.NORMAL)

    def take(self, name: str) -> None:
        """Take the step of this name. The numbers in the name are attempts, workers and relays."""
        words = re.findall(r"[a-z]+", name.lower())
        self._redis.kernel.seconds += 0.001  # so that no two entries of the stream have the same id
        getattr(self, f"_{'_'.join(words)}")(*map(int, re.findall(r"\d+", name)))

    def found(self) -> Found:
        """The model's variables as database and Redis hold them now."""
        return {**self._rows(), **self._keys()}

    def _rows(self) -> Found:
        raw = self._database.raw
        row = raw.execute("SELECT attempt, open, verdict, stage FROM submissions").fetchone()
        waiting = raw.execute("SELECT claimed_by, claimed_until FROM outbox").fetchone()
        if row is None:
            return dict.fromkeys(
                ("attempt", "open", "outbox", "claimed", "verdict", "cancelled", "failed"), 0
            )
        attempt, is_open, verdict, stage = row
        by, until = waiting or (None, None)
        relays: dict[str | None, int] = {f"relay-{r}": r for r in range(1, self._bounds.relays + 1)}
        holder = 0 if until is None else relays.get(by, self._bounds.by_api)
        return {
            "attempt": attempt,
            "open": is_open,
            "outbox": int(waiting is not None),
            "claimed": holder,
            "verdict": int(verdict is not None),
            "cancelled": int(stage == "CANCELLED"),
            "failed": int(stage == "FAILED"),
        }

    def _keys(self) -> Found:
        found: Found = {}
        queued = self._redis.do("LRANGE", queue_key(Tier.NORMAL), 0, -1)
        for a in self._bounds.attempt_numbers:
            time_left = self._redis.do("TTL", f"rq:job:{self._job(a)}")
            found[f"waiting{a}"] = int(self._job(a).encode() in queued)
            found[f"job{a}"] = {-2: 0, -1: 1}.get(time_left, 2)
            found |= {f"report{a}_{w}": self._reports(a, w) for w in self._bounds.worker_numbers}
        lease = (self._redis.do("GET", lease_key(self._id)) or b"").decode()
        found["lease_attempt"], found["lease_worker"] = self._parse_lease(lease)
        return found

    def _parse_lease(self, lease: str) -> tuple[int, int]:
        if not lease or lease == CANCELLED_LEASE:
            return (self._bounds.cancelled if lease else 0), 0
        attempt, _, holder = lease.partition(":")
        names = {_name(w): w for w in self._bounds.worker_numbers}
        return int(attempt), names.get(holder, 0)

    def _reports(self, attempt: int, worker: int) -> int:
        entries = self._redis.do("XRANGE", REPORTS_STREAM, "-", "+")
        texts = [fields[fields.index(b"report") + 1] for _, fields in entries]
        parts = f'"attempt":{attempt},'.encode(), f'"worker":"{_name(worker)}"'.encode()
        return sum(all(part in text for part in parts) for text in texts)

    def _job(self, attempt: int) -> str:
        return job_id(self._id, attempt)

    # The client and the API

    def _accept(self, send_now: bool = False) -> None:
        accepted = self._store.accept(new_submission(self._account), send_now=send_now)
        self._id = accepted.status.id
        if accepted.request is not None:
            self._requests[1] = accepted.request

    def _accept_and_send(self) -> None:
        self._accept(send_now=True)

    def _cancel(self) -> None:
        assert self._store.cancel(self._id)

    def _cancel_lease(self) -> None:
        self._redis.do("SET", lease_key(self._id), CANCELLED_LEASE, "EX", 600)

    def _cancel_job(self, attempt: int) -> None:
        self._queue.remove_job(self._job(attempt))

    def _rejudge(self) -> None:
        assert self._attempts.rejudge(self._id) is not None

    def _nothing(self, *_numbers: int) -> None:
        """The step changes only the memory of a process."""

    _the_client_leaves = _no_more_faults = _nothing
    _cancel_redis_away = _reconciler_die = _nothing
    _api_die = _relay_die = _nothing

    def _send(self, attempt: int) -> None:
        assert self._queue.send(Tier.NORMAL, [self._requests[attempt]])

    def _release(self) -> None:
        self._outbox.release([self._id])

    def _api_send(self) -> None:
        self._send(1)

    _api_send_twice = _api_send

    def _api_send_late(self) -> None:
        self._release()

    _api_redis_away = _api_send_late

    def _claim_over(self, *_numbers: int) -> None:
        """Let the claim of the outbox row expire."""
        self._database.raw.execute("UPDATE outbox SET claimed_by = NULL, claimed_until = NULL")

    _api_claim_over = _api_claim_over_early = _relay_claim_over = _relay_claim_over_early = _claim_over

    # The relays

    def _relay_claim(self, relay: int) -> None:
        at = utc_now() + timedelta(hours=1)
        (row,) = Outbox(self._database.engine, lambda: at).claim(1, f"relay-{relay}", 10)
        self._requests[row.request.attempt] = row.request

    def _relay_send(self, _relay: int, attempt: int) -> None:
        self._send(attempt)

    _relay_send_twice = _relay_send

    def _relay_send_late(self, _relay: int, _attempt: int) -> None:
        self._release()

    _relay_redis_away_for = _relay_send_late

    def _relay_mark_sent(self, _relay: int, attempt: int) -> None:
        self._outbox.mark_sent([(self._id, attempt)])

    # The workers

    def _worker_pop(self, _worker: int, attempt: int) -> None:
        popped = popped_jobs_key(None, Tier.NORMAL)
        assert self._redis.do("LREM", queue_key(Tier.NORMAL), 1, self._job(attempt))
        self._redis.do("RPUSH", popped, self._job(attempt))

    def _popped(self, attempt: int) -> PoppedJob:
        return PoppedJob(self._job(attempt), self._id, attempt, popped_jobs_key(None, Tier.NORMAL))

    def _worker_is_gone(self, worker: int, attempt: int) -> None:
        assert self._links[worker].take(self._popped(attempt), _MOST) is None

    def _worker_refused(self, worker: int, attempt: int) -> None:
        assert self._links[worker].take(self._popped(attempt), _MOST) == 0

    def _worker_lease(self, worker: int, attempt: int) -> None:
        assert isinstance(self._links[worker].take(self._popped(attempt), _MOST), bytes)

    def _request(self, attempt: int) -> JudgeRequest:
        return replace(self._requests[attempt], proof=SIGNER.proof(self._id, attempt))

    def _worker_renew(self, worker: int, attempt: int) -> None:
        assert self._links[worker].renew(self._request(attempt))

    def _worker_lost(self, worker: int, attempt: int) -> None:
        """The worker learns at a heartbeat, or when it reports, that it no longer has the lease."""
        request = self._request(attempt)
        assert not self._links[worker].renew(request)
        assert not self._finish(worker, attempt)
        self._links[worker].release(request)

    def _finish(self, worker: int, attempt: int) -> bool:
        report = finished(self._id, attempt, worker=_name(worker))
        return self._links[worker].finish(self._request(attempt), report).is_sent

    def _worker_finish(self, worker: int, attempt: int) -> None:
        assert self._finish(worker, attempt)

    def _worker_finish_twice(self, worker: int, attempt: int) -> None:
        assert self._finish(worker, attempt)
        link, request = self._links[worker], self._request(attempt)
        report = finished(self._id, attempt, worker=_name(worker))
        self._late_finish = lambda: link.finish(request, report)

    def _worker_die(self, _worker: int) -> None:
        """Do nothing, because a dead worker leaves only the rows and keys that it has written."""

    # Leases that end by their time

    def _lease_over(self, *_numbers: int) -> None:
        self._redis.do("DEL", lease_key(self._id))

    _lease_of_no_worker_over = _lease_of_over = _lease_of_over_early = _lease_over

    # The consumer of reports

    def _consumer_read_of(self, attempt: int, worker: int) -> None:
        entries = [
            self._consumer._reader.read(REPORTS_STREAM, id, dict(zip(fields[::2], fields[1::2], strict=True)))
            for id, fields in self._redis.do("XRANGE", REPORTS_STREAM, "-", "+")
        ]
        wanted = [
            e
            for e in entries
            if e.report and e.report.attempt == attempt and e.report.worker == _name(worker)
        ]
        (self._entry,) = self._consumer._refuse_without_lease(wanted[:1])

    def _consumer_record_of(self, _attempt: int, _worker: int) -> None:
        assert self._entry is not None
        self._consumer._record_or_set_aside([self._entry], [])

    def _consumer_acknowledge_of(self, _attempt: int, _worker: int) -> None:
        assert self._entry is not None
        self._consumer._publish_and_acknowledge([self._entry], [])

    def _consumer_die(self) -> None:
        self._entry = None

    # The reconciler

    def _inspected(self, attempt: int) -> reconciler.Inconsistency | None:
        (one,) = self._attempts.open_submissions(utc_now() + timedelta(hours=1))
        assert one.attempt == attempt
        return reconciler._check(one, self._queue.inspect([one])[one.id], _EVERYWHERE)

    def _reconciler_is_lost(self, attempt: int) -> None:
        assert self._inspected(attempt) is reconciler.Inconsistency.LOST

    def _reconciler_is_abandoned(self, attempt: int) -> None:
        kinds = (reconciler.Inconsistency.ABANDONED, reconciler.Inconsistency.NEVER_LEASED)
        assert self._inspected(attempt) in kinds

    _reconciler_is_lost_too_early = _reconciler_is_lost
    _reconciler_is_abandoned_too_early = _reconciler_is_abandoned

    def _reconciler_send_again(self, attempt: int) -> None:
        one = OpenSubmission(self._id, attempt, Tier.NORMAL, utc_now(), "python3")
        self._attempts.resend([one])

    def _reconciler_return(self, attempt: int) -> None:
        self._attempts.requeue_or_fail(self._id, attempt, reconciler._WORKER_DIED)

    def _reconciler_give_up(self, attempt: int) -> None:
        """Give the submission up, because as many attempts were charged as are allowed."""
        self._last_attempts.requeue_or_fail(self._id, attempt, reconciler._WORKER_DIED)

    def _reconciler_revoke(self, attempt: int) -> None:
        """Do the first half of ``RqQueue.revoke``."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self._queue, "remove_job", lambda _id: None)
            self._queue.revoke(self._id, attempt)

    def _reconciler_remove(self, attempt: int) -> None:
        self._queue.remove_job(self._job(attempt))

    # The network, and Redis

    def _late_send(self, attempt: int) -> None:
        self._send(attempt)

    def _late_finish_of(self, _attempt: int, _worker: int) -> None:
        self._late_finish()

    def _redis_is_emptied(self) -> None:
        self._redis.do("FLUSHALL")

    def _redis_is_saved(self) -> None:
        self._redis.save()

    def _redis_is_restored(self) -> None:
        self._redis.restart(from_copy=True)


def _name(worker: int) -> str:
    return f"normal-{worker}-{worker:06x}"


@contextmanager
def replaying(database: SimulatedDatabase, bounds: Bounds) -> Iterator[Replay]:
    """Sets up a new installation for one trace."""
    kernel = Kernel(1)
    redis = SimulatedRedis(kernel)
    database.begin(None, lambda: None)
    with pytest.MonkeyPatch.context() as patch:
        factory = ClientFactory(redis)
        patch.setattr(client_module, "BlockingConnectionPool", factory)
        patch.setattr(client_module, "Redis", factory)
        try:
            yield Replay(database, redis, bounds)
        finally:
            kernel.close()


def replay(model: Model, trace: Trace, database: SimulatedDatabase, bounds: Bounds) -> None:
    """Take all steps of a trace. Raises ``AssertionError`` at the first difference."""
    with replaying(database, bounds) as real:
        taken: list[str] = []
        for number, state in trace:
            taken.append(model.steps[number].name)
            real.take(taken[-1])
            wanted, found = model.named(state), real.found()
            differing = {name: (wanted[name], found[name]) for name in found if found[name] != wanted[name]}
            assert not differing, f"(model, real) {differing} after {', then '.join(taken)}"
