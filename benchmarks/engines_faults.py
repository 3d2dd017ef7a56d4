"""``python -m benchmarks.engines_faults`` compares Gavel with several task queues under the same eight
faults.

``make engines`` makes the environment of the other engines. Each cell has a Redis (or PostgreSQL) of its own,
two workers that are started again a second after their death, and a client that sends 20 jobs of 0.3 s in two
seconds. The results go into a file. ``--minutes`` ends a run after this time, and the next run continues with
the cells that are missing.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from redis import Redis

from benchmarks.engines.job import JOBS
from tests.support.ports import free_port
from tests.support.postgres import OwnPostgres, own_postgres
from tests.support.redis_server import redis_binary

REPOSITORY = Path(__file__).parents[1]
HERE = Path(__file__).parent / "engines"
ENGINES_PYTHON = REPOSITORY / ".venv" / "engines" / "bin" / "python"
LIMIT_SECONDS = 90.0
"""A job that has not run after this time counts as lost. RQ notices a dead worker after a minute."""
READY_SECONDS = 120.0
KILLED_JOB = 6
WORKERS = 2
FAULTS = {
    "start": "kill -9 of a worker before the job's work",
    "middle": "kill -9 of a worker in mid-job",
    "end": "kill -9 of a worker after the work, before it acknowledges",
    "all": "kill -9 of all workers",
    "frozen": "a worker frozen for 15 s",
    "killed": "Redis killed, back after 2 s",
    "flushed": "Redis flushed",
    "hung": "Redis hung for 5 s",
}
ENGINES = {
    "rq": "RQ, stock worker",
    "celery": "Celery",
    "dramatiq": "dramatiq",
    "procrastinate": "procrastinate",
    "stream": "bare Redis stream",
    "gavel": "Gavel",
}
_NOT_APPLICABLE = {("procrastinate", "flushed")}


@dataclass(frozen=True, slots=True)
class Cell:
    """One engine with its default settings, or with its safest documented settings, under one fault."""

    engine: str
    safest: bool
    fault: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """``accepted``, ``lost`` and ``doubled`` count the jobs that were accepted, never finished, and finished
    more than once. ``recovery`` is the seconds from the fault until all had finished, or ``None`` if some
    never did."""

    engine: str
    safest: bool
    fault: str
    accepted: int
    lost: int
    doubled: int
    recovery: float | None


def all_cells() -> list[Cell]:
    """Every engine with its default and its safest settings, under every fault. Gavel's default settings are
    its safest."""
    return [
        Cell(engine, safest, fault)
        for engine in ENGINES
        for safest in ((True,) if engine == "gavel" else (False, True))
        for fault in FAULTS
        if (engine, fault) not in _NOT_APPLICABLE
    ]


@dataclass
class Stack:
    """The processes of one cell."""

    cell: Cell
    folder: Path
    port: int = field(default_factory=free_port)
    postgres: OwnPostgres | None = None
    redis: subprocess.Popen[bytes] | None = None
    processes: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)

    def start_redis(self) -> None:
        options = ["--port", str(self.port), "--dir", str(self.folder), "--appendonly", "yes", "--save", ""]
        quiet = subprocess.DEVNULL
        self.redis = subprocess.Popen([redis_binary(), *options], stdout=quiet, stderr=quiet)

    def start(self, mode: str) -> subprocess.Popen[bytes]:
        """Start a process of the engine in a session of its own, whose group a job can kill."""
        gavel = self.cell.engine == "gavel"
        python = sys.executable if gavel else str(ENGINES_PYTHON)
        script = ["-m", "benchmarks.engines.gavel_engine"] if gavel else [f"{self.cell.engine}_engine.py"]
        errors = (self.folder / f"{mode}.err").open("ab")
        process = subprocess.Popen(
            [python, *script, mode],
            cwd=REPOSITORY if gavel else HERE,
            env=self._environment(),
            stdout=errors,
            stderr=errors,
            start_new_session=True,
        )
        errors.close()
        self.processes.append((mode, process))
        return process

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "ENGINES_FOLDER": str(self.folder),
            "ENGINES_PORT": str(self.port),
            "ENGINES_SAFEST": str(int(self.cell.safest)),
            "ENGINES_POSTGRES": self.postgres.url if self.postgres else "",
            "ENGINES_PARENT": str(os.getpid()),
            "PYTHONPATH": str(HERE if self.cell.engine != "gavel" else REPOSITORY),
        }

    def workers(self) -> list[subprocess.Popen[bytes]]:
        return [process for mode, process in self.processes if mode == "work" and process.poll() is None]

    def start_missing(self) -> None:
        """Start each process that has ended again after a second, as a supervisor would."""
        for mode, process in list(self.processes):
            if mode in ("work", "dispatch") and process.poll() is not None:
                self.processes.remove((mode, process))
                time.sleep(1.0)
                self.start(mode)

    def end(self) -> None:
        for _, process in self.processes:
            _kill_group(process)
        if self.redis is not None:
            self.redis.send_signal(signal.SIGCONT)
            self.redis.kill()
            self.redis.wait()

    def lines(self) -> list[tuple[str, int, float]]:
        """The lines of the log. Each has an event, its job and its time."""
        with contextlib.suppress(FileNotFoundError):
            found = (line.split() for line in (self.folder / "log").read_text().splitlines())
            return [(event, int(number), float(at)) for event, number, at in found]
        return []


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


_POSTGRES_STARTS = threading.Lock()
"""The package that starts PostgreSQL takes one lock for all servers of a process."""


@contextlib.contextmanager
def _started(cell: Cell) -> Iterator[Stack]:
    with contextlib.ExitStack() as opened:
        folder = Path(tempfile.mkdtemp(prefix="gavel-engines-"))
        opened.callback(shutil.rmtree, folder, ignore_errors=True)
        stack = Stack(cell, folder)
        if cell.engine == "procrastinate":
            with _POSTGRES_STARTS:
                stack.postgres = opened.enter_context(own_postgres(folder))
        else:
            stack.start_redis()
        opened.callback(stack.end)
        if cell.engine in ("procrastinate", "gavel"):
            stack.start("schema").wait()
        if cell.engine == "gavel":
            stack.start("dispatch")
        for _ in range(WORKERS):
            stack.start("work")
        yield stack


def run(cell: Cell) -> Outcome:
    """Start the engine, inject the fault, and wait until all jobs have run, or for LIMIT_SECONDS."""
    with _started(cell) as stack:
        if cell.fault in ("start", "middle", "end"):
            (stack.folder / f"die-{cell.fault}-{KILLED_JOB}").touch()
        # Let both workers connect first, so that the fault happens while they are working.
        time.sleep(5.0)
        client = stack.start("produce")
        fault_at = _inject(stack)
        _wait(stack, lambda: client.poll() is not None and not _lost(stack), fault_at + LIMIT_SECONDS)
        recovery = None if _lost(stack) else time.time() - fault_at
        _wait(stack, lambda: False, time.time() + (20.0 if cell.fault == "frozen" else 3.0))
        return _outcome(stack, recovery)


def _inject(stack: Stack) -> float:
    """Cause the fault at its time, and return that time."""
    event = "killed" if stack.cell.fault in ("start", "middle", "end") else "end"
    wanted = 1 if event == "killed" else 5
    began = time.time()
    while sum(line[0] == event for line in stack.lines()) < wanted and time.time() < began + READY_SECONDS:
        time.sleep(0.02)
    at = time.time()
    if stack.cell.fault in _FAULTS:
        _FAULTS[stack.cell.fault](stack)
    return at


def _kill_all(stack: Stack) -> None:
    for worker in stack.workers():
        _kill_group(worker)


def _freeze(stack: Stack) -> None:
    worker = stack.workers()[0]
    os.killpg(worker.pid, signal.SIGSTOP)
    ends = time.time() + 15.0
    _wait(stack, lambda: False, ends)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGCONT)


def _kill_store(stack: Stack) -> None:
    if stack.postgres is not None:
        stack.postgres.crash()
        time.sleep(2.0)
        stack.postgres.start()
        return
    assert stack.redis is not None
    stack.redis.kill()
    stack.redis.wait()
    time.sleep(2.0)
    stack.start_redis()


def _flush(stack: Stack) -> None:
    Redis(port=stack.port).flushall()


def _hang(stack: Stack) -> None:
    pids = _postgres_pids(stack) if stack.postgres is not None else [stack.redis.pid if stack.redis else 0]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(5.0)
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _postgres_pids(stack: Stack) -> list[int]:
    """The process ids of the PostgreSQL server and its children."""
    server = int((stack.folder / "data" / "postmaster.pid").read_text().split()[0])
    found = [server]
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(entry.read_text().rpartition(")")[2].split()[1]) == server:
                found.append(int(entry.parent.name))
    return found


_FAULTS: dict[str, Callable[[Stack], None]] = {
    "all": _kill_all,
    "frozen": _freeze,
    "killed": _kill_store,
    "flushed": _flush,
    "hung": _hang,
}


def _wait(stack: Stack, until: Callable[[], bool], ends: float) -> None:
    while not until() and time.time() < ends:
        stack.start_missing()
        time.sleep(0.1)


def _lost(stack: Stack) -> set[int]:
    lines = stack.lines()
    ended = {number for event, number, _ in lines if event == "end"}
    if stack.cell.engine == "gavel":
        ended &= _recorded(stack)
    return {number for event, number, _ in lines if event == "accepted"} - ended


def _recorded(stack: Stack) -> set[int]:
    """The jobs that have a verdict in Gavel's database. A job that ran without a recorded verdict does not
    count."""
    with contextlib.closing(sqlite3.connect(stack.folder / "gavel.db")) as database:
        query = "SELECT source FROM submissions WHERE verdict IS NOT NULL"
        return {int(source) for (source,) in database.execute(query)}


def _outcome(stack: Stack, recovery: float | None) -> Outcome:
    lines, cell = stack.lines(), stack.cell
    ends = Counter(number for event, number, _ in lines if event == "end")
    accepted = {number for event, number, _ in lines if event == "accepted"}
    doubled = sum(count > 1 for count in ends.values())
    return Outcome(cell.engine, cell.safest, cell.fault, len(accepted), len(_lost(stack)), doubled, recovery)


def table(outcomes: list[Outcome]) -> str:
    """The results as a Markdown table, with a row for each engine and setting, and a column for each
    fault."""
    known = {(each.engine, each.safest, each.fault): each for each in outcomes}
    lines = [
        "| engine | settings | " + " | ".join(FAULTS.values()) + " |",
        "|---|---|" + "---|" * len(FAULTS),
    ]
    for engine, name in ENGINES.items():
        for safest in (False, True):
            row = [known.get((engine, safest, fault)) for fault in FAULTS]
            if any(row):
                settings = "" if engine == "gavel" else "safest" if safest else "default"
                lines.append(f"| {name} | {settings} | " + " | ".join(map(_shown, row)) + " |")
    return "\n".join(lines)


def _shown(outcome: Outcome | None) -> str:
    if outcome is None:
        return "-"
    seconds = "" if outcome.recovery is None else f"{max(0.0, outcome.recovery):.0f} s"
    parts = (
        f"{JOBS - outcome.accepted} not taken" if outcome.accepted < JOBS else "",
        f"**{outcome.lost} lost**" if outcome.lost else seconds,
        f"{outcome.doubled} twice" if outcome.doubled else "",
    )
    return ", ".join(part for part in parts if part)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines_faults", description=__doc__)
    parser.add_argument("--results", type=Path, default=REPOSITORY / ".venv" / "engines-faults.jsonl")
    parser.add_argument("--minutes", type=float, default=9.0, help="begin no further cell after this time")
    parser.add_argument(
        "--at-once", type=int, default=4, help="the number of cells that run at the same time"
    )
    parser.add_argument("--engine", choices=ENGINES, action="append", help="only these engines")
    options = parser.parse_args()
    if not ENGINES_PYTHON.exists():
        print("The engines are not installed: run `make engines` first.", file=sys.stderr)
        return 2
    done = _read(options.results)
    known = {(each.engine, each.safest, each.fault) for each in done}
    chosen = [cell for cell in all_cells() if cell.engine in (options.engine or ENGINES)]
    left = [cell for cell in chosen if (cell.engine, cell.safest, cell.fault) not in known]
    ends = time.monotonic() + options.minutes * 60 - LIMIT_SECONDS
    measured = 0
    with ThreadPoolExecutor(options.at_once) as pool:
        for outcome in pool.map(lambda cell: run(cell) if time.monotonic() < ends else None, left):
            if outcome is not None:
                _append(options.results, outcome)
                done.append(outcome)
                measured += 1
                print(
                    f"{outcome.engine} {outcome.fault} safest={outcome.safest}: {_shown(outcome)}", flush=True
                )
    print(table(done))
    missing = len(left) - measured
    if missing:
        print(f"{missing} cells are left: run this command again.")
    return 0


def _read(results: Path) -> list[Outcome]:
    if not results.exists():
        return []
    return [Outcome(**json.loads(line)) for line in results.read_text().splitlines()]


def _append(results: Path, outcome: Outcome) -> None:
    with results.open("a") as file:
        file.write(json.dumps(asdict(outcome)) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
