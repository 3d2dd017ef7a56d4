"""Checks after a chaos run whether each submission has the right verdict, and what is left on the host."""

from __future__ import annotations

import os
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, func, select

from judge_api.store.engine import read_connection
from judge_api.store.tables import attempts, submissions

_LEFT_PATIENCE_SECONDS = 30.0
_CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Injection:
    """One injected fault: when it began and ended, in UTC."""

    fault: str
    began: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class FinalState:
    """The final state of a submission in the store. ``records`` is the number of verdicts that were recorded
    for it."""

    submitted: datetime
    finished: datetime | None
    ending: str
    attempt: int
    records: int


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of fault: how often it happened, what it broke, and how late the verdicts after it were.

    Both waits count in seconds from the fault's end. ``next`` is the longest wait for the next verdict of
    any submission. ``last`` is the longest wait for the verdict of a submission that was open during the
    fault, so it includes the backlog and later faults.
    """

    fault: str
    number: int
    open: int
    lost: int
    doubled: int
    next: float
    last: float
    last_median: float


@dataclass(frozen=True, slots=True)
class ChaosResult:
    """The result of a chaos run. ``left`` names what is left although it should be gone."""

    accepted: int
    lost: int
    doubled: int
    wrong: Mapping[str, str]
    second_attempts: int
    settled_seconds: float
    rows: Sequence[Row]
    left: Sequence[str]

    @property
    def kept(self) -> bool:
        """Whether no submission was lost, recorded twice or wrong, and nothing is left on the host."""
        return not (self.lost or self.doubled or self.wrong or self.left)


def read_states(engine: Engine) -> dict[str, FinalState]:
    """The state of every submission in the store, by id."""
    columns = (submissions.c.submitted_at, submissions.c.finished_at, submissions.c.stage)
    with read_connection(engine) as connection:
        rows = connection.execute(
            select(submissions.c.id, *columns, submissions.c.verdict, submissions.c.attempt)
        ).all()
        recorded = Counter(
            connection.execute(
                select(attempts.c.submission_id).where(attempts.c.ending == "finished")
            ).scalars()
        )
    return {
        id: FinalState(submitted, finished, f"{stage}/{verdict}", attempt, recorded[id])
        for id, submitted, finished, stage, verdict, attempt in rows
    }


def count_open(engine: Engine) -> int:
    """The number of submissions without a verdict."""
    with read_connection(engine) as connection:
        number: int = connection.execute(
            select(func.count()).select_from(submissions).where(submissions.c.open)
        ).scalar_one()
        return number


def find_wrong_verdicts(accepted: Mapping[str, str], states: Mapping[str, FinalState]) -> dict[str, str]:
    """Each accepted submission whose final state is not the expected one, with the actual and the expected
    state."""
    ends = {id: states[id].ending if id in states else "missing" for id in accepted}
    return {id: f"{ends[id]}, not {due}" for id, due in accepted.items() if ends[id] != f"DONE/{due}"}


def rows_by_fault(injections: Iterable[Injection], states: Mapping[str, FinalState]) -> list[Row]:
    """A row for each kind of fault."""
    kinds: dict[str, list[Injection]] = {}
    for injection in injections:
        kinds.setdefault(injection.fault, []).append(injection)
    return [_row(name, of_kind, states) for name, of_kind in sorted(kinds.items())]


def _row(name: str, injections: Sequence[Injection], states: Mapping[str, FinalState]) -> Row:
    open_then = {
        id: state
        for id, state in states.items()
        if any(_was_open(state, injection) for injection in injections)
    }
    lasts = [_last_after(injection, states) for injection in injections]
    return Row(
        fault=name,
        number=len(injections),
        open=len(open_then),
        lost=sum(not state.ending.startswith("DONE") for state in open_then.values()),
        doubled=sum(state.records > 1 for state in open_then.values()),
        next=max(_next_after(injection, states) for injection in injections),
        last=max(lasts),
        last_median=statistics.median(lasts),
    )


def _was_open(state: FinalState, injection: Injection) -> bool:
    return state.submitted < injection.ended and (state.finished is None or state.finished > injection.began)


def _next_after(injection: Injection, states: Mapping[str, FinalState]) -> float:
    later = (f.finished for f in states.values() if f.finished is not None and f.finished > injection.ended)
    return min(((at - injection.ended).total_seconds() for at in later), default=0.0)


def _last_after(injection: Injection, states: Mapping[str, FinalState]) -> float:
    ends = [f.finished for f in states.values() if f.finished is not None and _was_open(f, injection)]
    return max([0.0, *((at - injection.ended).total_seconds() for at in ends)])


@dataclass(frozen=True, slots=True)
class HostState:
    """The cgroups and mounts of a host."""

    cgroups: frozenset[str]
    mounts: frozenset[str]


def host_state() -> HostState:
    """Gavel's cgroups and all mounts that this host has now."""
    groups = frozenset(str(path) for path in _CGROUPS.glob("*/**/gavel-*") if path.is_dir())
    return HostState(groups, frozenset(Path("/proc/self/mountinfo").read_text().splitlines()))


def find_leftovers(data: Path, before: HostState) -> list[str]:
    """Wait until nothing of the stack is left, up to a limit. Returns what is left: processes, cgroups,
    mounts and files of boxes."""
    deadline = time.monotonic() + _LEFT_PATIENCE_SECONDS
    while (left := _leftovers(data, before)) and time.monotonic() < deadline:
        time.sleep(0.5)
    return left


def _leftovers(data: Path, before: HostState) -> list[str]:
    now = host_state()
    return [
        *(f"process {found}" for found in processes_naming(data)),
        *(f"cgroup {group}" for group in sorted(now.cgroups - before.cgroups)),
        *(f"mount {mount}" for mount in sorted(now.mounts - before.mounts)),
        *(f"box file {path}" for path in data.glob("cache/scratch/*/boxes/**/*") if not path.is_dir()),
    ]


def processes_naming(data: Path) -> list[str]:
    """Processes whose command or environment names this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(data).encode() in words and int(entry.name) != os.getpid():
            found.append(entry.name)
    return found


def print_table(result: ChaosResult, write: Callable[[str], None] = print) -> None:
    """Print the result as a Markdown table, and below it what is wrong or left."""
    write(
        f"{result.accepted} accepted, {result.lost} lost, {result.doubled} doubled, "
        f"{len(result.wrong)} wrong; "
        f"{result.second_attempts} needed another attempt; "
        f"settled {result.settled_seconds} s after the last post"
    )
    write(
        "| fault | number | open then | lost | doubled "
        "| next verdict, slowest | last of those open, median | slowest |"
    )
    write("|---|---|---|---|---|---|---|---|")
    for row in result.rows:
        write(
            f"| {row.fault} | {row.number} | {row.open} | {row.lost} | {row.doubled} "
            f"| {row.next:.1f} s | {row.last_median:.1f} s | {row.last:.1f} s |"
        )
    for id, complaint in result.wrong.items():
        write(f"WRONG {id}: {complaint}")
    for complaint in result.left:
        write(f"LEFT {complaint}")
