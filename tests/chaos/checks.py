"""What became of the promises: each submission against its verdict, and what the storm left behind."""

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

from judge_api.store.engine import reading
from judge_api.store.tables import attempts, submissions

_LEFT_PATIENCE_SECONDS = 30.0
_CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault that was done: when it struck and when it was over, in UTC."""

    fault: str
    began: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Fate:
    """One submission's road as the store has it; ``records`` counts verdicts written for it."""

    submitted: datetime
    finished: datetime | None
    ending: str
    attempt: int
    records: int


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of fault: how many, what it broke, and how late the verdicts after it were.

    ``next`` is the slowest wait for the next verdict of the whole stack, ``last`` the slowest verdict of
    those that were open when it struck, both from the fault's end; backlog and later faults are in ``last``.
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
class Aftermath:
    """The whole reckoning; ``left`` names what should be gone and is not."""

    promised: int
    lost: int
    doubled: int
    wrong: Mapping[str, str]
    second_attempts: int
    settled_seconds: float
    rows: Sequence[Row]
    left: Sequence[str]

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.doubled or self.wrong or self.left)


def read_fates(engine: Engine) -> dict[str, Fate]:
    """Every submission of the store."""
    columns = (submissions.c.submitted_at, submissions.c.finished_at, submissions.c.stage)
    with reading(engine) as connection:
        rows = connection.execute(
            select(submissions.c.id, *columns, submissions.c.verdict, submissions.c.attempt)
        ).all()
        recorded = Counter(
            connection.execute(
                select(attempts.c.submission_id).where(attempts.c.ending == "finished")
            ).scalars()
        )
    return {
        id: Fate(submitted, finished, f"{stage}/{verdict}", attempt, recorded[id])
        for id, submitted, finished, stage, verdict, attempt in rows
    }


def count_open(engine: Engine) -> int:
    """How many are owed a verdict."""
    with reading(engine) as connection:
        number: int = connection.execute(
            select(func.count()).select_from(submissions).where(submissions.c.open)
        ).scalar_one()
        return number


def name_wrong(promised: Mapping[str, str], fates: Mapping[str, Fate]) -> dict[str, str]:
    """Each promised submission whose end is not the one of the quiet run, with both."""
    ends = {id: fates[id].ending if id in fates else "missing" for id in promised}
    return {id: f"{ends[id]}, not {due}" for id, due in promised.items() if ends[id] != f"DONE/{due}"}


def tabulate(strikes: Iterable[Strike], fates: Mapping[str, Fate]) -> list[Row]:
    """A row for each kind of fault."""
    kinds: dict[str, list[Strike]] = {}
    for strike in strikes:
        kinds.setdefault(strike.fault, []).append(strike)
    return [_row(name, of_kind, fates) for name, of_kind in sorted(kinds.items())]


def _row(name: str, strikes: Sequence[Strike], fates: Mapping[str, Fate]) -> Row:
    struck = {id: fate for id, fate in fates.items() if any(_was_open(fate, strike) for strike in strikes)}
    lasts = [_last_after(strike, fates) for strike in strikes]
    return Row(
        fault=name,
        number=len(strikes),
        open=len(struck),
        lost=sum(not fate.ending.startswith("DONE") for fate in struck.values()),
        doubled=sum(fate.records > 1 for fate in struck.values()),
        next=max(_next_after(strike, fates) for strike in strikes),
        last=max(lasts),
        last_median=statistics.median(lasts),
    )


def _was_open(fate: Fate, strike: Strike) -> bool:
    return fate.submitted < strike.ended and (fate.finished is None or fate.finished > strike.began)


def _next_after(strike: Strike, fates: Mapping[str, Fate]) -> float:
    later = (f.finished for f in fates.values() if f.finished is not None and f.finished > strike.ended)
    return min(((at - strike.ended).total_seconds() for at in later), default=0.0)


def _last_after(strike: Strike, fates: Mapping[str, Fate]) -> float:
    ends = [f.finished for f in fates.values() if f.finished is not None and _was_open(f, strike)]
    return max([0.0, *((at - strike.ended).total_seconds() for at in ends)])


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a host had before the storm."""

    cgroups: frozenset[str]
    mounts: frozenset[str]


def survey() -> Surroundings:
    """The judge's cgroups and all mounts of this host, now."""
    groups = frozenset(str(path) for path in _CGROUPS.glob("*/**/gavel-*") if path.is_dir())
    return Surroundings(groups, frozenset(Path("/proc/self/mountinfo").read_text().splitlines()))


def name_left(data: Path, before: Surroundings) -> list[str]:
    """Processes, cgroups, mounts and box folders of this stack that outlive it, after a patient wait."""
    deadline = time.monotonic() + _LEFT_PATIENCE_SECONDS
    while (left := _leftovers(data, before)) and time.monotonic() < deadline:
        time.sleep(0.5)
    return left


def _leftovers(data: Path, before: Surroundings) -> list[str]:
    now = survey()
    return [
        *(f"process {found}" for found in _processes_naming(data)),
        *(f"cgroup {group}" for group in sorted(now.cgroups - before.cgroups)),
        *(f"mount {mount}" for mount in sorted(now.mounts - before.mounts)),
        *(f"box file {path}" for path in data.glob("cache/scratch/*/boxes/**/*") if not path.is_dir()),
    ]


def _processes_naming(data: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(data).encode() in words and int(entry.name) != os.getpid():
            found.append(entry.name)
    return found


def print_table(after: Aftermath, tell: Callable[[str], None] = print) -> None:
    """As Markdown, with the broken promises under it."""
    tell(
        f"{after.promised} promised, {after.lost} lost, {after.doubled} doubled, {len(after.wrong)} wrong; "
        f"{after.second_attempts} needed another attempt; "
        f"settled {after.settled_seconds} s after the last post"
    )
    tell(
        "| fault | number | open then | lost | doubled "
        "| next verdict, slowest | last of those open, median | slowest |"
    )
    tell("|---|---|---|---|---|---|---|---|")
    for row in after.rows:
        tell(
            f"| {row.fault} | {row.number} | {row.open} | {row.lost} | {row.doubled} "
            f"| {row.next:.1f} s | {row.last_median:.1f} s | {row.last:.1f} s |"
        )
    for id, complaint in after.wrong.items():
        tell(f"WRONG {id}: {complaint}")
    for complaint in after.left:
        tell(f"LEFT {complaint}")
