"""The fault matrix: each fault, on each database, with each seed. Results go to a file of JSON lines.

``make test-faults SEEDS=30`` runs it. A further run continues where the last run ended, because cells that
have a result are not run again. At the end the results are printed as a Markdown table.

In a cell, one fault happens to a whole stack while clients post to it. Then every submission that was
answered with 202 must have the verdict of a quiet run, recorded once, and ``GET /status`` must return it. Its
webhook message must have come. No answer may be 500, 502 or 504. And `gavel up` must start again on
the same data.

A stack is used for many cells. A fault happens to it with a few seeds one after the other, each time when the
stack is complete again. Then the run waits for the webhook messages of all these cells, and starts the stack
anew. Several stacks run side by side on each database, because a cell uses only 2 to 3 s of CPU time and
mostly waits.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import random
import signal
import statistics
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import requests

from judge_api.services.status_service import RECHECK_SECONDS
from judge_api.store.engine import open_engine
from tests.chaos.checks import FinalState, find_wrong_verdicts, processes_naming, read_states
from tests.chaos.commit import current_commit
from tests.chaos.database import open_database
from tests.chaos.matrix_faults import CELLS, Cell
from tests.chaos.run import Expected, Plan, await_settled, judge_undisturbed, own_file_system, post_share
from tests.chaos.shims import ShiftedClocks, UnsyncedWrites, build_shim
from tests.chaos.stack import Stack, stack_up
from tests.support.webhook_receiver import Receiver, webhook_receiver

CLIENTS = 4
SUBMISSIONS = 12
STACKS = 3
"""The number of stacks that run at the same time on each database."""
SEEDS_IN_TURN = 10
"""How many seeds of a fault are tried on one start of a stack. If the run is killed, each stack
loses at most the results of these seeds."""
_PAUSES, _LATER_PAUSES = (0.05, 0.5), (0.5, 3.0)
"""The seconds between two posts of a client: for the posts of its share, and for its further posts while the
fault lasts."""
_MESSAGE_SECONDS = 60.0
_CLIENT_SECONDS = 240.0
_WHOLE_SECONDS = 120.0
_AGREED_SECONDS = RECHECK_SECONDS + 1.0
_END_SECONDS = 30.0
_MOST_COMPLAINT = 2500
"""The greatest length of a complaint, in characters. A complaint about a failed start has the end of the
log."""
_ERRORS = (500, 502, 504)
_PATHS = ("/submissions", "/problems", "/languages", "/me", "/admin/queues", "/admin/workers", "/readyz")
DATABASES = ("sqlite", "postgresql")
_COMPLAINTS = (OSError, LookupError, ValueError, AssertionError, TimeoutError)
_COUNTS = ("accepted", "lost", "doubled", "wrong", "failed", "errors")


@dataclass(frozen=True, slots=True)
class CellResult:
    """The result of one cell.

    ``recovery`` is the time from the fault's end to the last verdict of the submissions that were accepted
    before that end. ``restart`` is the time of the next `gavel up`, or 0 if the next seed was tried before a
    restart. ``seconds`` is the time of the cell without the restart. ``complaint`` names what else is wrong,
    such as a stack that does not start. ``commit`` is the commit of the tree.
    """

    fault: str
    database: str
    seed: int
    accepted: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    failed: int = 0
    errors: int = 0
    disagreeing: int = 0
    messages_missing: int = 0
    second_attempts: int = 0
    recovery: float = 0.0
    restart: float = 0.0
    seconds: float = 0.0
    complaint: str = ""
    commit: str = ""
    details: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, int]:
        return self.fault, self.database, self.seed

    @property
    def is_good(self) -> bool:
        bad = (self.lost, self.doubled, self.wrong, self.failed, self.errors, self.disagreeing)
        return not (any(bad) or self.messages_missing or self.complaint)


@dataclass(frozen=True, slots=True)
class Ground:
    """The environment that cells run in: a folder, a database and a receiver of webhooks."""

    stack: Stack
    receiver: Receiver


@dataclass(frozen=True, slots=True)
class StruckCell:
    """A cell whose webhook messages have not all come yet: its result so far, and the submissions that were
    accepted."""

    result: CellResult
    accepted: frozenset[str] = frozenset()


class Row:
    """Runs cells one by one on the same data folder."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._stack = ground.stack
        self._up = contextlib.ExitStack()
        self._quiet: dict[str, str] = {}
        self._is_up = False

    def begin(self, workers: str) -> None:
        """Start the stack with these workers. A stack that already runs with these workers is not started
        again."""
        if self._stack.workers != workers:
            self.end()
            self._stack = replace(self._ground.stack, workers=workers)
        if not self._is_up:
            self._up = contextlib.ExitStack()
            self._up.enter_context(stack_up(self._stack))
            self._is_up = True
            _add_webhook(self._stack, self._ground.receiver)
        self._quiet = self._quiet or judge_undisturbed(self._stack)

    def end(self) -> None:
        """Stop the stack."""
        self._is_up = False
        self._up.close()

    def run(self, cell: Cell, results: Sequence[CellResult], stop: threading.Event) -> list[CellResult]:
        """Cause the fault with each seed in turn, then wait for all webhook messages, and start the stack
        anew."""
        struck: list[StruckCell] = []
        for result in results:
            struck.append(self._strike(cell, result))
            if struck[-1].result.complaint or stop.is_set():
                break
        missing = _missing_messages(self._ground.receiver, [one.accepted for one in struck])
        found = [
            replace(one.result, messages_missing=number) for one, number in zip(struck, missing, strict=True)
        ]
        if not found[-1].complaint:
            found[-1] = self._restart(cell, found[-1])
        return found

    def _strike(self, cell: Cell, result: CellResult) -> StruckCell:
        """Cause the fault while clients post, wait until the stack has settled, and compare the verdicts."""
        begun = time.monotonic()
        try:
            self.begin(cell.workers)
            _await_whole(self._stack)
            begun = time.monotonic()
            self._stack.problems[:] = ["aplusb"]
            self._stack.notes.clear()
            expected, ended = _strike(self._stack, cell, result.seed, self._quiet)
            result = _compare(self._stack, result, expected, ended)
        except _COMPLAINTS as error:
            return StruckCell(replace(result, complaint=f"{type(error).__name__}: {error}"[:_MOST_COMPLAINT]))
        seconds = round(time.monotonic() - begun, 1)
        return StruckCell(replace(result, seconds=seconds), frozenset(expected.accepted))

    def _restart(self, cell: Cell, result: CellResult) -> CellResult:
        try:
            self.end()
            if left := _processes_left(self._stack.data):
                return replace(result, complaint=f"processes are left: {left}"[:_MOST_COMPLAINT])
            begun = time.monotonic()
            self.begin(cell.workers)
            return replace(result, restart=round(time.monotonic() - begun, 1))
        except _COMPLAINTS as error:
            return replace(result, complaint=f"no restart: {type(error).__name__}: {error}"[:_MOST_COMPLAINT])


def _await_whole(running: Stack) -> None:
    """Wait until the server is ready and every worker has registered. Then the last fault is over."""
    wanted = sum(int(part.partition("=")[2]) for part in running.workers.split(","))
    credentials = json.loads((running.data / "credentials.json").read_text())
    headers = {"Authorization": f"Bearer {credentials['accounts']['admin']['key']}"}
    deadline = time.monotonic() + _WHOLE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(requests.RequestException, ValueError, KeyError):
            ready = requests.get(f"{running.url}/readyz", timeout=10)
            workers = requests.get(f"{running.url}/admin/workers", headers=headers, timeout=10)
            if ready.ok and len(workers.json()["workers"]) >= wanted:
                return
        time.sleep(0.2)
    raise TimeoutError(f"the stack is not whole again after {_WHOLE_SECONDS:.0f} s")


def _strike(running: Stack, cell: Cell, seed: int, quiet: dict[str, str]) -> tuple[Expected, float]:
    expected = Expected(undisturbed=quiet)
    plan = Plan(SUBMISSIONS, faults=1, seed=seed, clients=CLIENTS, pauses=_PAUSES, later_pauses=_LATER_PAUSES)
    clients = [
        threading.Thread(target=post_share, args=(running, expected, plan, n), daemon=True)
        for n in range(CLIENTS)
    ]
    clients.append(threading.Thread(target=_read_meanwhile, args=(running, expected), daemon=True))
    for client in clients:
        client.start()
    rng = random.Random(f"{cell.name} {seed}")
    try:
        time.sleep(rng.uniform(0.1, 1.2))
        cell.strike(running, rng)
    except BaseException:
        expected.broken.set()
        raise
    finally:
        expected.over.set()
    ended = time.time()
    for client in clients:
        client.join(_CLIENT_SECONDS)
        if client.is_alive():
            raise TimeoutError("a client's post was never answered with 202")
    return expected, ended


def _read_meanwhile(running: Stack, expected: Expected) -> None:
    """Request statuses, lists and pages while the fault lasts, and count the answers 500, 502 and 504."""
    credentials = json.loads((running.data / "credentials.json").read_text())
    headers = {"Authorization": f"Bearer {credentials['accounts']['admin']['key']}"}
    while not (expected.over.is_set() or expected.broken.is_set()):
        posted = list(expected.accepted)[-1:]
        paths = [*(f"/status/{id}" for id in posted), *(f"/submissions/{id}" for id in posted), *_PATHS]
        for path in paths:
            if expected.over.is_set():
                break  # a request that hangs now would delay the cell until its timeout
            with contextlib.suppress(requests.RequestException):
                answer = requests.get(f"{running.url}{path}", headers=headers, timeout=10)
                if answer.status_code in _ERRORS:
                    expected.refused[str(answer.status_code)] += 1
                    running.notes[f"{answer.status_code} of {path}"] = answer.text[:200]
        time.sleep(0.3)


def _compare(running: Stack, result: CellResult, expected: Expected, ended: float) -> CellResult:
    engine = open_engine(running.database.url)
    try:
        await_settled(engine)
        settled = time.time()
        states = read_states(engine)
    finally:
        engine.dispose()
    mine = {id: states[id] for id in expected.accepted if id in states}
    wrong = find_wrong_verdicts(expected.accepted, states)
    lost = [id for id in expected.accepted if id not in mine or mine[id].finished is None]
    return replace(
        result,
        accepted=len(expected.accepted),
        lost=len(lost),
        doubled=sum(state.records > 1 for state in mine.values()),
        failed=sum(state.ending.startswith("FAILED") for state in mine.values()),
        wrong=sum(mine[id].ending.startswith("DONE") for id in wrong if id in mine),
        errors=sum(expected.refused[str(kind)] for kind in _ERRORS),
        second_attempts=sum(state.attempt > 1 for state in mine.values()),
        disagreeing=_count_disagreeing(running, mine),
        recovery=round(_last_recorded(mine, ended, settled), 1),
        details=wrong | {kind: str(number) for kind, number in expected.refused.items()} | running.notes,
    )


def _last_recorded(mine: dict[str, FinalState], ended: float, settled: float) -> float:
    """Seconds from the fault's end to the last verdict of the submissions that were posted before that end.

    A submission with a time in the future counts too: it was written during the fault, by an API whose
    clock was ahead.
    """
    finished = [
        state.finished.timestamp()
        for state in mine.values()
        if state.finished is not None and not ended <= state.submitted.timestamp() <= settled
    ]
    return max(0.0, min(max(finished, default=ended), settled) - ended)


def _count_disagreeing(running: Stack, mine: dict[str, FinalState]) -> int:
    """How many statuses differ from the database. The API compares an unfinished status with the database
    every 2 s, so this waits for a while."""
    credentials = json.loads((running.data / "credentials.json").read_text())
    headers = {"Authorization": f"Bearer {credentials['accounts']['admin']['key']}"}
    differing, deadline = list(mine), time.monotonic() + _AGREED_SECONDS
    while True:
        differing = [
            id for id in differing if _shown_ending(credentials["url"], id, headers) != mine[id].ending
        ]
        if not differing or time.monotonic() > deadline:
            return len(differing)
        time.sleep(0.5)


def _shown_ending(url: str, id: str, headers: dict[str, str]) -> str:
    answer = requests.get(f"{url}/status/{id}", headers=headers, timeout=20)
    status = answer.json() if answer.ok else {}
    return f"{status.get('stage')}/{status.get('verdict')}"


def _add_webhook(running: Stack, receiver: Receiver) -> None:
    credentials = json.loads((running.data / "credentials.json").read_text())
    for tier in ("normal", "premium"):
        headers = {"Authorization": f"Bearer {credentials['accounts'][tier]['key']}"}
        url = f"{credentials['url']}/me/webhooks"
        known = requests.get(url, headers=headers, timeout=20).json()
        if not (known.get("webhooks") if isinstance(known, dict) else known):
            requests.post(url, json={"url": receiver.url}, headers=headers, timeout=20).raise_for_status()


def _missing_messages(receiver: Receiver, accepted: Sequence[frozenset[str]]) -> list[int]:
    """Wait for the webhook messages of all these cells, up to a limit. Returns how many of each cell are
    missing."""
    missing = [set(ids) for ids in accepted]
    deadline = time.monotonic() + _MESSAGE_SECONDS
    seen = 0
    while any(missing) and time.monotonic() < deadline:
        came = list(receiver.requests)[seen:] if seen else list(receiver.requests)
        seen += len(came)
        ids = {json.loads(request.body)["data"]["id"] for request in came}
        for each in missing:
            each -= ids
        if any(missing):
            time.sleep(0.2)
    return [len(each) for each in missing]


def _processes_left(data: Path) -> list[str]:
    deadline = time.monotonic() + _END_SECONDS
    while (left := processes_naming(data)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return left


Turn = tuple[Cell, list[CellResult]]
"""A fault, and its cells, one for each seed, which run one after the other."""


def _taken(todo: deque[Turn]) -> Iterator[Turn]:
    """Take turns from the queue that all stacks share, so that each turn is run once."""
    with contextlib.suppress(IndexError):
        while True:
            yield todo.popleft()


class ResultsFile:
    """A file of results as JSON lines. A line that was cut off is ignored."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def read(self) -> list[CellResult]:
        """The last result of each cell."""
        found: dict[tuple[str, str, int], CellResult] = {}
        for line in self._path.read_text().splitlines() if self._path.exists() else ():
            try:
                result = CellResult(**json.loads(line))
            except (ValueError, TypeError):
                continue
            found[result.key] = result
        return list(found.values())

    def add(self, result: CellResult) -> None:
        with self._lock, self._path.open("a") as file:
            file.write(json.dumps(asdict(replace(result, commit=current_commit()))) + "\n")


def table(results: Sequence[CellResult]) -> Iterator[str]:
    """The results as lines of Markdown, one row for each fault and database."""
    yield (
        "| fault | database | seeds | accepted | lost | doubled | wrong | FAILED | 500s "
        "| recovery, median | slowest | restarts | slowest |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
    groups: dict[tuple[str, str], list[CellResult]] = {}
    for result in results:
        groups.setdefault((result.fault, result.database), []).append(result)
    for (fault, database), group in sorted(groups.items()):
        counts = [sum(getattr(one, name) for one in group) for name in _COUNTS]
        recoveries = [one.recovery for one in group]
        restarts = [one.restart for one in group if one.restart]
        yield (
            f"| {fault} | {database} | {len(group)} | {' | '.join(map(str, counts))} "
            f"| {statistics.median(recoveries):.1f} s | {max(recoveries):.1f} s "
            f"| {len(restarts)} | {max(restarts, default=0.0):.1f} s |"
        )
    for result in results:
        if not result.is_good:
            yield f"NOT GOOD: {json.dumps(asdict(result))}"


@contextmanager
def open_ground(folder: Path, postgres: bool) -> Iterator[Ground]:
    """Opens a data folder, a database and a receiver of webhooks for a row of cells."""
    data = folder / "data"
    with (
        tempfile.TemporaryDirectory(prefix="faults-shims-") as name,
        open_database(data, postgres) as database,
        webhook_receiver() as receiver,
    ):
        beside = Path(name)
        beside.chmod(0o755)
        clocks, unsynced = ShiftedClocks(beside / "clocks"), UnsyncedWrites(beside / "writes")
        preload = {
            "LD_PRELOAD": " ".join(str(build_shim(shim, beside)) for shim in ("clock", "power")),
            "GAVEL_CHAOS_CLOCK": str(clocks.folder),
            "GAVEL_CHAOS_WRITES": str(unsynced.folder),
            "GAVEL_CHAOS_DATA": str(folder),
            "GAVEL_WEBHOOK_NETWORKS": "127.0.0.0/8",
        }
        yield Ground(Stack(data, database, preload=preload, clocks=clocks, unsynced=unsynced), receiver)


def run_matrix(chosen: argparse.Namespace, stop: threading.Event) -> None:
    """Run the cells that have no result yet: some seeds of all faults, then the next seeds of all faults."""
    results = ResultsFile(chosen.results)
    databases = chosen.databases.split(",")
    with ThreadPoolExecutor(len(databases) * chosen.stacks) as side_by_side:
        rows = []
        for database in databases:
            todo = _all_missing(chosen, database)
            rows += [side_by_side.submit(_run_row, todo, results, stop) for _ in range(chosen.stacks)]
        for row in rows:
            row.result()


def _all_missing(chosen: argparse.Namespace, database: str) -> deque[Turn]:
    """The turns of one database in their order: some seeds of all faults, then the next seeds of all
    faults."""
    todo: deque[Turn] = deque()
    for first in range(1, chosen.seeds + 1, SEEDS_IN_TURN):
        seeds = range(first, min(first + SEEDS_IN_TURN, chosen.seeds + 1))
        todo.extend(_missing(chosen, database, seeds))
    return todo


def _missing(chosen: argparse.Namespace, database: str, seeds: Iterable[int]) -> list[Turn]:
    """The cells of one database that have no result, by fault."""
    done = {result.key for result in ResultsFile(chosen.results).read()}
    missing = []
    for cell in CELLS:
        if database in cell.databases and (not chosen.fault or cell.name in chosen.fault):
            all_seeds = (CellResult(cell.name, database, seed) for seed in seeds)
            missing.append((cell, [result for result in all_seeds if result.key not in done]))
    return [(cell, wanted) for cell, wanted in missing if wanted]


def _run_row(todo: deque[Turn], results: ResultsFile, stop: threading.Event) -> None:
    """Run turns on one stack. After a cell that may have left it unusable, go on with a new stack."""
    for first in _taken(todo):
        with tempfile.TemporaryDirectory(prefix="faults-") as name, own_file_system(Path(name)):
            folder = Path(name)
            folder.chmod(0o755)
            is_postgres = first[1][0].database == "postgresql"
            with open_ground(folder, is_postgres) as ground, contextlib.ExitStack() as at_end:
                row = Row(ground)
                at_end.callback(row.end)
                _run_on(row, itertools.chain([first], _taken(todo)), results, stop)
        if stop.is_set():
            return


def _run_on(row: Row, turns: Iterator[Turn], results: ResultsFile, stop: threading.Event) -> None:
    """Run turns until all are taken, or until a cell has a complaint."""
    for cell, wanted in turns:
        found = row.run(cell, wanted, stop)
        for result in found:
            results.add(result)
            print("ok " if result.is_good else "BAD", json.dumps(asdict(result)), flush=True)
        if found[-1].complaint or stop.is_set():
            return


def main() -> int:
    """Run the cells that are missing, then print the table. Returns 1 if a cell is not good."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--databases", default=",".join(DATABASES))
    parser.add_argument("--results", type=Path, default=Path("fault-results.jsonl"))
    parser.add_argument("--fault", action="append", help="only this fault; may be repeated")
    parser.add_argument("--table", type=Path, help="also write the table to this file")
    parser.add_argument(
        "--stacks", type=int, default=STACKS, help="the stacks that run at the same time on each database"
    )
    parser.add_argument("--minutes", type=float, help="begin no further cell after this time")
    parser.add_argument("--only-table", action="store_true", help="print the table and run no cell")
    chosen = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if chosen.minutes:
        timer = threading.Timer(chosen.minutes * 60, stop.set)
        timer.daemon = True
        timer.start()
    if not chosen.only_table:
        run_matrix(chosen, stop)
    results = ResultsFile(chosen.results).read()
    lines = "\n".join(table(results)) + "\n"
    print(lines)
    if chosen.table:
        chosen.table.write_text(lines)
    return 0 if all(result.is_good for result in results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
