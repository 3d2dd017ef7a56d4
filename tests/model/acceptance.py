"""Checks that each change of a submission in the simulation is a step of the model.

After each step of the simulation the rows and keys of each submission are read as the model's variables. The
memory of processes is not read, so a change is accepted if it is a step of the model for any content of that
memory. A change may also be a few steps, because one push in Redis may at once end the wait of another
client.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any

from judge_api.dispatch.rq_queue import CANCELLED_LEASE
from judge_core.messages import Report, ReportKind, UnreadableMessage
from judge_core.redis.keys import REPORTS_STREAM, job_id, lease_key
from tests.model.language import Model, Step
from tests.model.submission import Bounds, redis_variables, submission_model
from tests.simulation.redis_values import Stream
from tests.simulation.world import World

_SEEN_ROWS = ("attempt", "open", "outbox", "claimed", "verdict", "cancelled", "failed")
_MOST_STEPS = 3
"""At most this many steps of the model may be one step of the simulation."""
_WITHOUT_END = 200
_ROWS = (
    "SELECT id, s.attempt, open, verdict, stage, claimed_until FROM submissions s "
    "LEFT JOIN outbox ON submission_id = id"
)
Seen = tuple[int, ...]


@dataclass
class SeenModel:
    """The model without the memory of its processes."""

    bounds: Bounds
    model: Model = field(init=False)
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.model = submission_model(self.bounds)
        self.names = (*_SEEN_ROWS, *redis_variables(self.bounds))
        self._hidden = [name for name in self.model.variables if name not in self.names]
        self._steps = [(self.model.compiled_step(step), self._memories_of(step)) for step in self.model.steps]
        self._places = [list(self.model.variables).index(name) for name in self.names]

    def _memories_of(self, step: Step) -> list[dict[str, int]]:
        """All combinations of values that the step's guard names for hidden variables."""
        names = [name for name in self._hidden if re.search(rf"\b{name}\b", step.guard)]
        values = [sorted({0, *map(int, re.findall(rf"\b{name} [!=<]= (\d+)", step.guard))}) for name in names]
        return [dict(zip(names, chosen, strict=True)) for chosen in product(*values)]

    def accepts(self, before: Seen, after: Seen) -> bool:
        """Whether at most three steps of the model lead from one state to the other."""
        reached, edge = {before}, {before}
        for _ in range(_MOST_STEPS):
            edge = {then for each in edge for then in self._following(each)} - reached
            if after in edge:
                return True
            reached |= edge
        return False

    @cache  # noqa: B019 - as many entries as one run needs
    def _following(self, seen: Seen) -> frozenset[Seen]:
        return frozenset(self._each_following(seen))

    def _each_following(self, seen: Seen) -> Iterator[Seen]:
        known = dict(zip(self.names, seen, strict=True))
        for take, memories in self._steps:
            for memory in memories:
                values = {**dict.fromkeys(self.model.variables, 0), **known, **memory, "owed": _WITHOUT_END}
                then = take(tuple(values.values()))
                if then is not None:
                    yield tuple(then[place] for place in self._places)

    def __hash__(self) -> int:
        return id(self)


class Acceptance:
    """Watches a run of the simulation, and records the changes of each submission."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[str, dict[str, int]] = {}
        self._workers: dict[str, dict[str, int]] = {}
        self._changes = -1
        self._rows: dict[str, dict[str, int]] = {}
        self.changes: list[tuple[str, dict[str, int], dict[str, int]]] = []
        """Each change: the submission, its variables before, and its variables after."""

    def __call__(self) -> None:
        """Record what has changed. Called after each step of the simulation."""
        self._read_rows()
        waiting = self._waiting()
        reports = self._reports()
        for id in self._rows:
            now = {**self._rows[id], **self._keys(id, waiting, reports.get(id, {}))}
            before = self._seen.get(id)
            if before != now:
                self.changes.append((id, before or {}, now))
                self._seen[id] = now

    def _read_rows(self) -> None:
        raw = self._world.database.raw
        if raw.total_changes == self._changes:
            return
        self._changes = raw.total_changes
        claims = dict(raw.execute("SELECT submission_id, coalesce(claimed_by, '-') FROM outbox"))
        for id, attempt, is_open, verdict, stage, until in raw.execute(_ROWS).fetchall():
            self._rows[id] = {
                "attempt": attempt,
                "open": is_open,
                "outbox": int(id in claims),
                "claimed": 0 if until is None else _RELAYS.get(claims[id].rpartition("-")[2], _API),
                "verdict": int(verdict is not None),
                "cancelled": int(stage == "CANCELLED"),
                "failed": int(stage == "FAILED"),
            }

    def _waiting(self) -> set[bytes]:
        values = self._world.redis.data.values
        queues = (b"rq:queue:normal", b"rq:queue:normal.jvm", b"rq:queue:premium")
        return {id for queue in queues for id in values.get(queue) or () if isinstance(values[queue], list)}

    def _reports(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        stream = self._world.redis.data.values.get(REPORTS_STREAM.encode())
        for fields in stream.entries.values() if isinstance(stream, Stream) else ():
            report = _parsed(bytes(fields[fields.index(b"report") + 1]))
            if report is not None and report.kind is ReportKind.FINISHED:
                counts = found.setdefault(report.submission, {})
                name = f"report{report.attempt}_{self._worker(report.submission, report.worker)}"
                counts[name] = counts.get(name, 0) + 1
        return found

    def _worker(self, id: str, name: str) -> int:
        """The number of a worker. For each submission, workers are numbered in the order in which they
        appear."""
        workers = self._workers.setdefault(id, {})
        return workers.setdefault(name, len(workers) + 1)

    def _keys(self, id: str, waiting: set[bytes], reports: dict[str, int]) -> dict[str, int]:
        data, found = self._world.redis.data, dict(reports)
        for a in range(1, self._rows[id]["attempt"] + 1):
            job, name = f"rq:job:{job_id(id, a)}".encode(), job_id(id, a).encode()
            exists = data.peek(job) is not None
            found[f"job{a}"] = 0 if not exists else 2 if job in data.expiries else 1
            found[f"waiting{a}"] = int(name in waiting)
        lease: Any = data.peek(lease_key(id).encode())
        found["lease_attempt"], found["lease_worker"] = self._lease(id, (lease or b"").decode())
        return found

    def _lease(self, id: str, lease: str) -> tuple[int, int]:
        if not lease:
            return 0, 0
        attempt, _, holder = lease.partition(":")
        if lease == CANCELLED_LEASE:
            return _CANCELLED, 0
        return int(attempt), 0 if holder == "-" else self._worker(id, holder)

    def refused(self) -> list[str]:
        """The changes that are not steps of the model."""
        found, models = [], dict[tuple[int, int], SeenModel]()
        for id, before, after in self.changes:
            attempts = self._rows[id]["attempt"] + 1
            size = attempts, max(2, len(self._workers.get(id, ())))
            if size not in models:
                bounds = Bounds(*size, relays=len(_RELAYS), faults=_WITHOUT_END, rejudgings=_WITHOUT_END)
                models[size] = SeenModel(bounds)
            model = models[size]
            was, now = (_as_seen(each, model) for each in (before, after))
            if not model.accepts(was, now):
                changed = {name: value for name, value in after.items() if before.get(name, 0) != value}
                found.append(f"{id}: {changed} from {before}")
        return found


_RELAYS = {"1": 1, "2": 2}
_API, _CANCELLED = 3, 1_000


def _as_seen(values: dict[str, int], model: SeenModel) -> Seen:
    known = {**values}
    if known.get("lease_attempt") == _CANCELLED:
        known["lease_attempt"] = model.bounds.cancelled
    return tuple(known.get(name, 0) for name in model.names)


@cache
def _parsed(text: bytes) -> Report | None:
    try:
        return Report.load(text)
    except UnreadableMessage:
        return None
