"""Measures throughput around faults: verdicts per second before, during and after each, and the time to
recover.

``python -m tests.chaos.throughput --seeds 1-2`` starts a whole stack for each seed and database. Clients post
at a constant rate, far below what workers can judge. Each kind of fault is caused once, in an order that the
seed decides. Before each fault the stack has a quiet time. All rates are computed from the times in the
database:

- undisturbed: verdicts per second in the quiet time before the fault;
- during: verdicts per second from the fault's start to its end, for faults that last;
- after: verdicts per second in the ten seconds after its end. A rate above the undisturbed rate means that a
  backlog is being judged;
- recovery: the time from the fault's end until two things are true: all submissions that were open or posted
  during it have verdicts, and a span of five seconds with at least 80 % of the undisturbed rate begins.

Results are JSON lines. A seed that has a result in the file is not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from judge_api.store.engine import open_engine
from judge_core.model.errors import StoreUnavailable
from tests.chaos.checks import FinalState, find_wrong_verdicts, read_states
from tests.chaos.commit import current_commit
from tests.chaos.database import open_database
from tests.chaos.faults import QUICK, SLOW, Fault, fill_disk, shift_clock
from tests.chaos.run import Expected, Plan, await_settled, judge_undisturbed, own_file_system, post_share
from tests.chaos.stack import Stack, stack_up

QUIET_SECONDS = 10.0
AFTER_SECONDS = 10.0
_LASTS = 3.0
"""The rate during a fault is measured only if the fault lasts at least this many seconds."""
_CLIENTS, _PAUSES = 6, (1.4, 3.4)
_WHOLE_SECONDS = 120.0
_WINDOW_SECONDS, _USUAL = 5.0, 0.8
_RESULTS = Path("benchmarks/results/throughput-under-faults.jsonl")
DATABASES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Struck:
    """One fault: its times in seconds since the epoch, and the machine's load when it began."""

    fault: str
    began: float
    ended: float
    load: float


@dataclass(frozen=True, slots=True)
class Measured:
    """The rates around one fault, in verdicts per second, and its recovery in seconds."""

    fault: str
    database: str
    seed: int
    undisturbed: float
    during: float | None
    after: float
    recovery: float
    load: float
    commit: str = ""


def measure(struck: Struck, database: str, seed: int, states: Iterable[FinalState]) -> Measured:
    """The rates before, during and after a fault, and the time to recover."""
    ends = [(state.submitted.timestamp(), state.finished.timestamp()) for state in states if state.finished]

    def rate(since: float, until: float) -> float:
        return round(sum(since <= finished < until for _, finished in ends) / (until - since), 2)

    lasted = struck.ended - struck.began
    undisturbed = rate(struck.began - QUIET_SECONDS, struck.began)
    delayed = [end for posted, end in ends if posted <= struck.ended and end >= struck.began]
    steps = (step / 2 for step in range(int(2 * _WHOLE_SECONDS)))
    windows = ((step, struck.ended + step) for step in steps)
    usual = (step for step, at in windows if rate(at, at + _WINDOW_SECONDS) >= _USUAL * undisturbed)
    return Measured(
        fault=struck.fault,
        database=database,
        seed=seed,
        undisturbed=undisturbed,
        during=rate(struck.began, struck.ended) if lasted >= _LASTS else None,
        after=rate(struck.ended, struck.ended + AFTER_SECONDS),
        recovery=round(max([next(usual, _WHOLE_SECONDS), *(end - struck.ended for end in delayed)]), 1),
        load=struck.load,
        commit=current_commit(),
    )


def run_seed(
    seed: int, database_kind: str, folder: Path, faults: Sequence[Fault]
) -> tuple[list[Measured], str]:
    """Cause each of these faults once in one stack. Returns the rates, and what went wrong."""
    plan = Plan(0, 0, seed, clients=_CLIENTS, later_pauses=_PAUSES)
    data = folder / "data"
    with (
        open_database(data, database_kind == "postgresql") as database,
        stack_up(Stack(data, database)) as stack,
    ):
        expected = Expected(undisturbed=judge_undisturbed(stack))
        struck = _strike_while_posting(stack, expected, plan, faults)
        engine = open_engine(database.url)
        await_settled(engine)
        states = read_states(engine)
        engine.dispose()
    mine = [states[id] for id in expected.accepted if id in states]
    measured = [measure(each, database_kind, seed, mine) for each in struck]
    return measured, _complaint(expected.accepted, states)


def _strike_while_posting(
    stack: Stack, expected: Expected, plan: Plan, faults: Sequence[Fault]
) -> list[Struck]:
    clients = [
        threading.Thread(target=post_share, args=(stack, expected, plan, number), daemon=True)
        for number in range(_CLIENTS)
    ]
    for client in clients:
        client.start()
    try:
        return list(_strike_each(stack, faults, random.Random(plan.seed)))
    finally:
        expected.over.set()
        for client in clients:
            client.join(_WHOLE_SECONDS)


def _faults(seed: int, own_disk: bool, only: Sequence[str]) -> list[Fault]:
    """The faults, in an order that the seed decides. A shifted clock is left out, because its effect outlasts
    the fault."""
    left_out = (shift_clock,) if own_disk else (shift_clock, fill_disk)
    chosen = [
        each for each in (*QUICK, *SLOW) if each not in left_out and (not only or each.__name__ in only)
    ]
    random.Random(seed).shuffle(chosen)
    return chosen


def _strike_each(stack: Stack, faults: Sequence[Fault], rng: random.Random) -> Iterator[Struck]:
    for fault in faults:
        _await_quiet(stack)
        time.sleep(QUIET_SECONDS)
        load, began = round(os.getloadavg()[0], 1), time.time()
        fault(stack, rng)
        yield Struck(fault.__name__.replace("_", " "), began, time.time(), load)
        time.sleep(AFTER_SECONDS)
    _await_quiet(stack)
    # Clients go on posting, because the recovery of the last fault needs a span at the usual rate too.
    time.sleep(AFTER_SECONDS)


def _await_quiet(stack: Stack) -> None:
    """Wait until no submission is open that was posted more than two seconds ago."""
    engine = open_engine(stack.database.url)
    deadline = time.monotonic() + _WHOLE_SECONDS
    oldest = "not asked yet"
    try:
        while time.monotonic() < deadline:
            time.sleep(0.5)
            try:
                waiting = [state for state in read_states(engine).values() if state.finished is None]
            except StoreUnavailable as away:
                oldest = str(away)
                continue
            now = datetime.now(UTC)
            late = [state for state in waiting if (now - state.submitted).total_seconds() > 2.0]
            if not late:
                return
            oldest = f"{len(late)} wait, the oldest since {min(state.submitted for state in late)}"
    finally:
        engine.dispose()
    raise TimeoutError(f"the stack does not come to rest: {oldest}")


def _complaint(accepted: Mapping[str, str], states: Mapping[str, FinalState]) -> str:
    wrong = find_wrong_verdicts(accepted, states)
    doubled = [id for id in accepted if id in states and states[id].records > 1]
    return f"wrong or lost {wrong}, doubled {doubled}" if wrong or doubled else ""


def table(results: Sequence[Measured]) -> list[str]:
    """The results as a Markdown table, with a row for each fault and database."""
    rows = [
        "| fault | database | seeds | undisturbed | during | in the 10 s after | recovery, median | slowest "
        "| load |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    groups: dict[tuple[str, str], list[Measured]] = {}
    for each in results:
        groups.setdefault((each.fault, each.database), []).append(each)
    for (fault, database), group in sorted(groups.items()):
        usual = sum(each.undisturbed for each in group)
        during = [each.during for each in group if each.during is not None]
        rows.append(
            f"| {fault} | {database} | {len(group)} | {usual / len(group):.1f}/s "
            f"| {_share(sum(during) / len(during), usual / len(group)) if during else '-'} "
            f"| {_share(sum(each.after for each in group), usual)} "
            f"| {statistics.median(each.recovery for each in group):.1f} s "
            f"| {max(each.recovery for each in group):.1f} s "
            f"| {min(each.load for each in group):.0f} to {max(each.load for each in group):.0f} |"
        )
    return rows


def _share(rate: float, usual: float) -> str:
    return f"{100 * rate / usual:.0f} %" if usual else "?"


def read_results(path: Path) -> list[Measured]:
    lines = path.read_text().splitlines() if path.exists() else []
    return [Measured(**json.loads(line)) for line in lines]


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _run_missing(chosen: argparse.Namespace, note: Callable[[Sequence[Measured]], None]) -> list[str]:
    done = {(each.database, each.seed) for each in read_results(chosen.results)}
    complaints = []
    for seed in chosen.seeds:
        for database in chosen.databases.split(","):
            if (database, seed) in done:
                continue
            with (
                tempfile.TemporaryDirectory(prefix="rates-") as name,
                own_file_system(Path(name)) as own_disk,
            ):
                Path(name).chmod(0o755)
                measured, complaint = run_seed(
                    seed, database, Path(name), _faults(seed, own_disk, chosen.fault)
                )
            note(measured)
            result = f"seed {seed} on {database}: {complaint or 'none lost, doubled or wrong'}"
            print(result, flush=True)  # The result is written at once, because a long run may be stopped.
            complaints += [result] if complaint else []
    return complaints


def main() -> int:
    """Run the seeds that are missing, then print the table. Returns 1 if a submission was lost, doubled or
    wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.throughput", description=__doc__)
    parser.add_argument("--seeds", type=_seeds, default="1-2", metavar="FIRST-LAST", help="default: 1-2")
    parser.add_argument("--databases", default=",".join(DATABASES))
    parser.add_argument("--fault", action="append", default=[], help="only this fault, such as kill_redis")
    parser.add_argument("--results", type=Path, default=_RESULTS)
    chosen = parser.parse_args()

    def note(measured: Sequence[Measured]) -> None:
        with chosen.results.open("a") as file:
            file.writelines(json.dumps(asdict(each)) + "\n" for each in measured)

    complaints = _run_missing(chosen, note)
    print("\n".join([*table(read_results(chosen.results)), *complaints]))
    return 1 if complaints else 0


if __name__ == "__main__":
    raise SystemExit(main())
