"""The life of one submission, as steps of database, Redis, API, relays, workers, consumer and reconciler.

Each step is one transaction, or one command or script in Redis. Between two steps anything else may happen.
The model has no time: a step that really waits for a time may happen at once. Some waits give a living
process time to act (a lease, a claim, the reconciler's patience). It is a fault if such a wait ends while
that process lives.

A worker that has died is not started again, because a worker that is started again has another name and so
counts as another worker. At least one worker always lives.

A run has at most ``Bounds.faults`` faults. Every other step makes progress, so a run without an end would be
a repair without an end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.model.language import Effect, Model, Step, When


@dataclass(frozen=True, slots=True)
class Bounds:
    """The sizes of a model. ``has_copies`` lets Redis come back with an older copy."""

    attempts: int = 2
    workers: int = 2
    relays: int = 1
    faults: int = 2
    rejudgings: int = 1
    has_copies: bool = False

    @property
    def cancelled(self) -> int:
        """The number of the attempt in the lease of a cancelled submission. It is greater than that of any
        attempt."""
        return self.attempts + 2

    @property
    def dead(self) -> int:
        """The number that replaces the attempt of a worker that has died."""
        return self.attempts + 1

    @property
    def by_api(self) -> int:
        """The number that stands for the API in ``claimed``, where relays have the numbers from 1."""
        return self.relays + 1

    @property
    def attempt_numbers(self) -> range:
        return range(1, self.attempts + 1)

    @property
    def worker_numbers(self) -> range:
        return range(1, self.workers + 1)

    def code(self, attempt: int, worker: int) -> int:
        """The number that stands for a report."""
        return (attempt - 1) * self.workers + worker


def submission_model(bounds: Bounds) -> Model:
    """The model within these bounds."""
    steps = [
        *_client(bounds),
        *_api(bounds),
        *_relays(bounds),
        *_workers(bounds),
        *_leases(bounds),
        *_consumer(bounds),
        *_reconciler(bounds),
        *_network(bounds),
        *_redis(bounds),
        Step("no more faults", f"faults < {bounds.faults}", (f"faults = {bounds.faults}",)),
    ]
    return Model(
        _variables(bounds),
        tuple(_counted(step, bounds) for step in steps),
        always=(
            "records <= owed",
            "not (cancelled == 1 and verdict == 1)",
            "not (cancelled == 1 and open == 1)",
            "(verdict == 1) == (records > 0)",
            "open == 1 or outbox == 0",
        ),
        at_the_end=_end(bounds),
        rising=("attempt", "verdict", "cancelled", "failed"),
        finally_for_ever="attempt > 0 and open == 0",
    )


def _counted(step: Step, bounds: Bounds) -> Step:
    """The step, changed if it is a fault: it is then possible only while fewer than ``bounds.faults`` have
    happened."""
    if not step.is_fault:
        return step
    guard = f"faults < {bounds.faults} and {step.guard}"
    return Step(step.name, guard, ("faults = faults + 1", *step.effects), True, step.claims)


def _variables(bounds: Bounds) -> dict[str, int]:
    database = ("attempt", "open", "outbox", "claimed", "verdict", "cancelled", "failed")
    counts = ("records", "owed", "given_up", "rejudged", "client_left", "faults")
    processes = ("api", "consumer", "consumer_phase", "reconciler", "repair", "canceller", "canceller_phase")
    names = [*database, *counts, *redis_variables(bounds), *processes, "late_send", "late_finish"]
    names += [f"{name}{relay}" for relay in range(1, bounds.relays + 1) for name in ("relay", "sent")]
    names += [f"{name}{worker}" for worker in bounds.worker_numbers for name in ("judging", "leased")]
    if bounds.has_copies:
        names += ["has_copy", *(f"old_{name}" for name in redis_variables(bounds))]
    return dict.fromkeys(names, 0)


def redis_variables(bounds: Bounds) -> list[str]:
    """The variables of Redis: for each attempt, whether its job waits in the queue, and whether the job
    exists (1: never leased, 2: leased before); the lease; and the number of reports by each worker about each
    attempt."""
    reports = [f"report{a}_{w}" for a in bounds.attempt_numbers for w in bounds.worker_numbers]
    jobs = [f"{name}{a}" for a in bounds.attempt_numbers for name in ("waiting", "job")]
    return [*jobs, "lease_attempt", "lease_worker", *reports]


def _end(bounds: Bounds) -> tuple[str, ...]:
    waiting = " and ".join(f"waiting{a} == 0" for a in bounds.attempt_numbers)
    reports = [f"report{a}_{w} == 0" for a in bounds.attempt_numbers for w in bounds.worker_numbers]
    return (
        "attempt > 0 and open == 0 and outbox == 0",
        "verdict + cancelled + failed == 1",
        "records + cancelled + given_up == owed",
        waiting,
        " and ".join(reports),
    )


def _client(bounds: Bounds) -> Iterator[Step]:
    yield Step("accept", "attempt == 0", ("attempt = 1", "open = 1", "outbox = 1", "owed = 1"))
    by_api = (f"claimed = {bounds.by_api}", "api = 1")
    yield Step(
        "accept and send", "attempt == 0", ("attempt = 1", "open = 1", "outbox = 1", "owed = 1", *by_api)
    )
    ends = ("open = 0", "outbox = 0", "claimed = 0")
    yield Step(
        "cancel",
        "client_left == 0 and open == 1 and verdict == 0 and canceller == 0",
        ("cancelled = 1", *ends, "canceller = attempt", "canceller_phase = 1"),
    )
    yield Step(
        "cancel: lease",
        "canceller_phase == 1",
        (f"lease_attempt = {bounds.cancelled}", "lease_worker = 0", "canceller_phase = 2"),
    )
    for a in bounds.attempt_numbers:
        yield Step(
            f"cancel: job {a}",
            f"canceller_phase == 2 and canceller == {a}",
            (f"waiting{a} = 0", f"job{a} = 0", "canceller = 0", "canceller_phase = 0"),
        )
    yield Step("cancel: Redis away", "canceller != 0", ("canceller = 0", "canceller_phase = 0"), True)
    yield Step(
        "rejudge",
        f"client_left == 0 and attempt < {bounds.attempts} and open == 0 and verdict == 1 "
        f"and rejudged < {bounds.rejudgings}",
        (
            *("attempt = attempt + 1", "open = 1", "outbox = 1", "claimed = 0"),
            *("owed = owed + 1", "rejudged = rejudged + 1"),
        ),
    )
    yield Step("the client leaves", "attempt > 0 and client_left == 0", ("client_left = 1",))


def _send(attempt: int) -> When:
    """The script that sends a job. It skips a job that exists already."""
    return When(f"job{attempt} == 0", (f"job{attempt} = 1", f"waiting{attempt} = 1"))


_RELEASE = When("outbox == 1", ("claimed = 0",))


def _api(bounds: Bounds) -> Iterator[Step]:
    """The API sends what it has accepted, and leaves the row to the relay."""
    mine = bounds.by_api
    yield Step("api: send", "api == 1", (_send(1), "api = 0"))
    yield Step("api: send twice", "api == 1 and late_send == 0", (_send(1), "late_send = 1", "api = 0"), True)
    yield Step("api: send late", "api == 1 and late_send == 0", ("late_send = 1", "api = 0", _RELEASE), True)
    yield Step("api: Redis away", "api == 1", ("api = 0", _RELEASE), True)
    yield Step("api: die", "api == 1", ("api = 0",), True)
    yield Step("api: claim over", f"claimed == {mine} and api == 0", ("claimed = 0",))
    yield Step("api: claim over early", f"claimed == {mine} and api == 1", ("claimed = 0",), True)


def _relays(bounds: Bounds) -> Iterator[Step]:
    for r in range(1, bounds.relays + 1):
        relay, sent, name = f"relay{r}", f"sent{r}", f"relay {r}"
        forget = (f"{relay} = 0", f"{sent} = 0")
        yield Step(
            f"{name}: claim",
            f"outbox == 1 and claimed == 0 and {relay} == 0",
            (f"claimed = {r}", f"{relay} = attempt"),
        )
        for a in bounds.attempt_numbers:
            sends = f"{relay} == {a} and {sent} == 0"
            late = f"{sends} and late_send == 0"
            yield Step(f"{name}: send {a}", sends, (_send(a), f"{sent} = 1"))
            yield Step(f"{name}: send {a} twice", late, (_send(a), f"late_send = {a}", f"{sent} = 1"), True)
            yield Step(f"{name}: send {a} late", late, (f"late_send = {a}", *forget, _RELEASE), True)
            yield Step(f"{name}: Redis away for {a}", sends, (*forget, _RELEASE), True)
            marks = When(f"attempt == {a}", ("outbox = 0", "claimed = 0"))
            yield Step(f"{name}: mark {a} sent", f"{relay} == {a} and {sent} == 1", (marks, *forget))
        yield Step(f"{name}: die", f"{relay} != 0", forget, True)
        yield Step(f"{name}: claim over", f"claimed == {r} and {relay} == 0", ("claimed = 0",))
        yield Step(f"{name}: claim over early", f"claimed == {r} and {relay} != 0", ("claimed = 0",), True)


def _workers(bounds: Bounds) -> Iterator[Step]:
    for w in bounds.worker_numbers:
        judging, leased, name = f"judging{w}", f"leased{w}", f"worker {w}"
        for a in bounds.attempt_numbers:
            pop = (f"waiting{a} = 0", f"{judging} = {a}")
            yield Step(f"{name}: pop {a}", f"{judging} == 0 and waiting{a} == 1", pop)
            yield from _takes(w, a)
            yield from _judges(bounds, w, a)
        others = [f"judging{other} != {bounds.dead}" for other in bounds.worker_numbers if other != w]
        works = f"{judging} != 0 and {judging} != {bounds.dead} and ({' or '.join(others)})"
        yield Step(f"{name}: die", works, (f"{judging} = {bounds.dead}", f"{leased} = 0"), True)


def _takes(w: int, a: int) -> Iterator[Step]:
    """The script TAKE_JOB."""
    popped = f"judging{w} == {a} and leased{w} == 0"
    other = f"lease_attempt > {a} or (lease_attempt == {a} and lease_worker != 0 and lease_worker != {w})"
    lease = (f"lease_attempt = {a}", f"lease_worker = {w}", f"leased{w} = 1", f"job{a} = 2")
    yield Step(f"worker {w}: {a} is gone", f"{popped} and job{a} == 0", (f"judging{w} = 0",))
    refused = f"{popped} and job{a} != 0 and ({other})"
    yield Step(f"worker {w}: {a} refused", refused, (f"judging{w} = 0", f"job{a} = 2"))
    yield Step(f"worker {w}: lease {a}", f"{popped} and job{a} != 0 and not ({other})", lease)


def _judges(bounds: Bounds, w: int, a: int) -> Iterator[Step]:
    """The scripts RENEW_LEASE and FINISH."""
    name, holds = f"worker {w}", f"judging{w} == {a} and leased{w} == 1"
    own, free = f"(lease_attempt == {a} and lease_worker == {w})", "lease_attempt == 0"
    stop: tuple[Effect, ...] = (f"judging{w} = 0", f"leased{w} = 0")
    release = When(f"job{a} != 0", (f"job{a} = 2",))
    back = (f"lease_attempt = {a}", f"lease_worker = {w}")
    yield Step(f"{name}: renew {a}", f"{holds} and {free}", back)
    lost = f"{holds} and lease_attempt != 0 and not {own}"
    yield Step(f"{name}: lost {a}", lost, (*stop, release))
    reports = (_report(bounds, a, w), "lease_attempt = 0", "lease_worker = 0", f"job{a} = 0")
    claims = (f"lease_attempt == 0 or {own}",)
    finishes = f"{holds} and ({free} or {own})"
    yield Step(f"{name}: finish {a}", finishes, (*reports, *stop), claims=claims)
    again = f"late_finish = {bounds.code(a, w)}"
    yield Step(
        f"{name}: finish {a} twice",
        f"late_finish == 0 and {finishes}",
        (*reports, *stop, again),
        True,
        claims,
    )


def _report(bounds: Bounds, a: int, w: int) -> When:
    return When(f"report{a}_{w} < 4", (f"report{a}_{w} = report{a}_{w} + 1",))


def _leases(bounds: Bounds) -> Iterator[Step]:
    ends = ("lease_attempt = 0", "lease_worker = 0")
    yield Step("lease of no worker over", "lease_attempt != 0 and lease_worker == 0", ends)
    for w in bounds.worker_numbers:
        lives = f"judging{w} == lease_attempt and leased{w} == 1"
        yield Step(f"lease of {w} over", f"lease_worker == {w} and not ({lives})", ends)
        yield Step(f"lease of {w} over early", f"lease_worker == {w} and {lives}", ends, True)


def _consumer(bounds: Bounds) -> Iterator[Step]:
    """The three steps of the consumer: read a report with the lease, record it, acknowledge it."""
    forget = ("consumer = 0", "consumer_phase = 0")
    for a in bounds.attempt_numbers:
        for w in bounds.worker_numbers:
            code, report = bounds.code(a, w), f"report{a}_{w}"
            held = f"lease_attempt == {a} and lease_worker != 0 and lease_worker != {w}"
            reads = (f"consumer = {code}", "consumer_phase = 1", When(held, ("consumer_phase = 2",)))
            yield Step(f"consumer: read {a} of {w}", f"consumer == 0 and {report} > 0", reads)
            current = f"open == 1 and attempt == {a}"
            ends = ("records = records + 1", "verdict = 1", "open = 0", "outbox = 0", "claimed = 0")
            yield Step(
                f"consumer: record {a} of {w}",
                f"consumer == {code} and consumer_phase == 1",
                ("consumer_phase = 2", When(current, ends)),
            )
            done = When(f"{report} > 0", (f"{report} = {report} - 1",))
            yield Step(
                f"consumer: acknowledge {a} of {w}",
                f"consumer == {code} and consumer_phase == 2",
                (done, *forget),
            )
    yield Step("consumer: die", "consumer != 0", forget, True)


RESEND, RETURN, REVOKE, REMOVE = 1, 2, 3, 4
"""The repairs of the reconciler, by their next step."""


def _reconciler(bounds: Bounds) -> Iterator[Step]:
    reports = [f"report{a}_{w} == 0" for a in bounds.attempt_numbers for w in bounds.worker_numbers]
    expected = f"reconciler == 0 and open == 1 and outbox == 0 and {' and '.join(reports)}"
    for a in bounds.attempt_numbers:
        no_trace = f"attempt == {a} and waiting{a} == 0 and not (lease_attempt == {a} and lease_worker != 0)"
        idle = " and ".join(f"judging{w} != {a}" for w in bounds.worker_numbers)
        for kind, job, word in ((RESEND, f"job{a} == 0", "lost"), (RETURN, f"job{a} != 0", "abandoned")):
            found = f"{expected} and {no_trace} and {job}"
            note = (f"reconciler = {a}", f"repair = {kind}")
            yield Step(f"reconciler: {a} is {word}", f"{found} and {idle}", note)
            yield Step(f"reconciler: {a} is {word}, too early", f"{found} and not ({idle})", note, True)
        yield from _repairs(bounds, a)
    yield Step("reconciler: die", "reconciler != 0", ("reconciler = 0", "repair = 0"), True)


def _repairs(bounds: Bounds, a: int) -> Iterator[Step]:
    forget = ("reconciler = 0", "repair = 0")
    current = f"open == 1 and attempt == {a}"
    again = When(current, ("outbox = 1", "claimed = 0"))
    yield Step(f"reconciler: send {a} again", f"reconciler == {a} and repair == {RESEND}", (again, *forget))
    returns = f"reconciler == {a} and repair == {RETURN}"
    if a < bounds.attempts:
        effect = When(current, (f"attempt = {a + 1}", "outbox = 1", "claimed = 0"))
        yield Step(f"reconciler: return {a}", returns, (effect, f"repair = {REVOKE}"))
    else:
        fails = When(f"{current} and verdict == 0", ("failed = 1",))
        ends = When(current, ("given_up = given_up + 1", "outbox = 0", "claimed = 0", "open = 0"))
        yield Step(f"reconciler: give {a} up", returns, (fails, ends, f"repair = {REVOKE}"))
    tomb = When(f"lease_attempt <= {a}", (f"lease_attempt = {a + 1}", "lease_worker = 0"))
    yield Step(
        f"reconciler: revoke {a}", f"reconciler == {a} and repair == {REVOKE}", (tomb, f"repair = {REMOVE}")
    )
    yield Step(
        f"reconciler: remove {a}",
        f"reconciler == {a} and repair == {REMOVE}",
        (f"waiting{a} = 0", f"job{a} = 0", *forget),
    )


def _network(bounds: Bounds) -> Iterator[Step]:
    """Packets that arrive after their sender has given up, or a second time."""
    for a in bounds.attempt_numbers:
        yield Step(f"late: send {a}", f"late_send == {a}", (_send(a), "late_send = 0"))
        for w in bounds.worker_numbers:
            own = f"lease_attempt == 0 or (lease_attempt == {a} and lease_worker == {w})"
            one = f"report{a}_{w} = report{a}_{w} + 1"
            more = When(f"({own}) and report{a}_{w} < 4", (one,))
            removes = When(own, (f"job{a} = 0", "lease_attempt = 0", "lease_worker = 0"))
            guard = f"late_finish == {bounds.code(a, w)}"
            yield Step(f"late: finish {a} of {w}", guard, (more, removes, "late_finish = 0"))


def _redis(bounds: Bounds) -> Iterator[Step]:
    names = redis_variables(bounds)
    holds = " or ".join(f"{name} != 0" for name in names)
    yield Step("Redis is emptied", f"({holds})", tuple(f"{name} = 0" for name in names), True)
    if bounds.has_copies:
        copies = tuple(f"old_{name} = {name}" for name in names)
        yield Step("Redis is saved", "attempt > 0 and has_copy == 0", ("has_copy = 1", *copies))
        back = tuple(effect for name in names for effect in (f"{name} = old_{name}", f"old_{name} = 0"))
        yield Step("Redis is restored", "has_copy == 1", ("has_copy = 0", *back), True)
