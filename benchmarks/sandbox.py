"""Measures how much more a sandboxed run costs than a bare spawn, beside bubblewrap, isolate and nsjail. Also
counts the resources that runs leave behind."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace
from operator import sub
from pathlib import Path

from benchmarks.result import Result, Row, spread
from benchmarks.sandbox_runners import (
    LIMITS,
    Runner,
    Task,
    installed_runners,
    plain_bubblewrap,
    prepare_tasks,
    sandboxed,
    spawner,
    time_rounds,
)
from benchmarks.slots import compare_slots
from sandbox import Command, Sandbox, SlotConfig
from sandbox.factory import open_backend

SLOT = 420
PAUSE = 0.04
SHORT_CPU_MS = 50
OURS = "launcher"
BURN = ("/usr/bin/python3", "-c", "import time\nwhile time.process_time() < .15: pass")
SHARES = {"bubblewrap": 0.25, "isolate": 0.35}


def measure(short: bool = False) -> Result:
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        tasks = tuple(prepare_tasks(folder))
        sandbox = open_backend(_slot(folder), OURS)
        try:
            rows = tuple(_rows(sandbox, tasks, folder, short))
            mode = sandbox.isolation.mode
        finally:
            sandbox.close()
    question = f"One run in a box, mode {mode}, {_rounds(short)} interleaved rounds"
    return Result(question, rows, ("ratio: overhead over a bare spawn, Gavel's divided by the other's",))


def _slot(folder: Path, index: int = SLOT, cpus: tuple[int, ...] | None = None) -> SlotConfig:
    return SlotConfig(index, (folder,), folder, backend=OURS, cpus=cpus)


def _rounds(short: bool) -> int:
    return 20 if short else 200


def _rows(sandbox: Sandbox, tasks: tuple[Task, ...], folder: Path, short: bool) -> Iterator[Row]:
    ours = sandboxed(OURS, sandbox, folder)
    runners = (spawner(folder), ours, plain_bubblewrap(folder), *installed_runners(folder))
    tables = []
    for task in tasks:
        for rhythm, pause in (("back to back", 0.0), ("after 40 ms", PAUSE)):
            taken = time_rounds(runners, task, _rounds(short), pause)
            tables.append((f"{task.name}, {rhythm}", taken))
    for title, taken in tables:
        yield from _ratios(title, taken)
    for title, taken in tables:
        yield from _figures(title, taken)
    yield _steadiness(sandbox, 10 if short else 40)
    yield from _punctuality(sandbox, 10 if short else 100)
    yield from compare_slots(folder, tasks[0], 2 * _rounds(short), _open_pinned)
    yield from _leaks(ours, tasks[0], 200 if short else 10_000)


def _overheads(taken: dict[str, list[float]]) -> dict[str, float]:
    """For each runner, the median of its differences to the bare spawn of the same round. A slow round slows
    both, so it cancels out."""
    floor = taken["bare spawn"]
    return {name: statistics.median(map(sub, samples, floor)) for name, samples in taken.items()}


def _ratios(title: str, taken: dict[str, list[float]]) -> Iterator[Row]:
    over = _overheads(taken)
    for name in over:
        if name not in ("bare spawn", OURS):
            yield Row(f"{title}: against {name}", ratio=over[OURS] / over[name], target=SHARES.get(name))


def _figures(title: str, taken: dict[str, list[float]]) -> Iterator[Row]:
    over = _overheads(taken)
    for name, samples in taken.items():
        stats = spread(samples)
        note = f"p95 {stats.p95:.2f}, overhead {over[name]:.2f}"
        yield Row(f"{title}: {name}", stats.p50, note=note)


def _steadiness(sandbox: Sandbox, runs: int) -> Row:
    """The coefficient of variation of a program's CPU time, if the program does the same work in each run."""
    times = [sandbox.run(Command(BURN, LIMITS, seccomp_profile="python")).cpu_ms for _ in range(runs)]
    spread_of = statistics.pstdev(times) / statistics.mean(times)
    return Row("CPU time of one program, variation", 100 * spread_of, "%", note=f"{runs} runs")


def _punctuality(sandbox: Sandbox, runs: int) -> Iterator[Row]:
    """How much CPU time a busy loop gets beyond its limit of 50 ms."""
    limits = replace(LIMITS, cpu_seconds=SHORT_CPU_MS / 1000)
    loop = Command(("/usr/bin/python3", "-c", "while 1: pass"), limits, seccomp_profile="python")
    late = spread([sandbox.run(loop).cpu_ms - SHORT_CPU_MS for _ in range(runs)])
    yield Row(
        f"{SHORT_CPU_MS} ms of CPU time overrun by, at most", late.high, "ms", target=20, note=f"{runs} runs"
    )
    yield Row(f"{SHORT_CPU_MS} ms of CPU time overrun by, median", late.p50, note=f"p95 {late.p95:.2f}")


def _open_pinned(folder: Path, number: int, core: int) -> Sandbox:
    return open_backend(_slot(folder, SLOT + 10 + number, (core,)), OURS)


@dataclass(frozen=True, slots=True)
class HostResources:
    """The resources of the host that this process holds."""

    fds: int
    mounts: int
    cgroups: int
    processes: int
    resident_kb: int


def _count() -> HostResources:
    status = Path("/proc/self/status").read_text().splitlines()
    resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
    groups = sum(1 for _, folders, _ in os.walk("/sys/fs/cgroup") for name in folders if _is_ours(name))
    processes = sum(1 for path in Path("/proc").iterdir() if path.name.isdigit() and _is_child(path))
    mounts = len(Path("/proc/self/mounts").read_text().splitlines())
    return HostResources(len(list(Path("/proc/self/fd").iterdir())), mounts, groups, processes, resident)


def _is_ours(name: str) -> bool:
    return name == f"gavel-{SLOT}" or name.startswith("run-")


def _is_child(path: Path) -> bool:
    try:
        return _parent(path) == os.getpid()
    except OSError:
        return False


def _parent(path: Path) -> int:
    return int((path / "stat").read_text().rpartition(")")[2].split()[1])


def _leaks(ours: Runner, task: Task, runs: int) -> Iterator[Row]:
    """Compares the resources of the host before and after many runs. The first hundred runs are not counted,
    because they warm up caches."""
    for _ in range(100):
        ours.run(task)
    before = _count()
    for _ in range(runs):
        ours.run(task)
    after = _count()
    names = ("descriptors", "mounts", "cgroups", "processes")
    for name, was, now in zip(names, astuple(before), astuple(after), strict=False):
        yield Row(f"left after {runs:,} runs: {name}", now - was, "", target=0)
    yield Row(
        f"grown after {runs:,} runs: memory", after.resident_kb - before.resident_kb, "KiB", target=1024
    )
