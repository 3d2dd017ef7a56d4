"""Lists the project's modules that execute while one submission goes from its POST to its recorded verdict.

It starts a stack as an operator would, each process with :mod:`benchmarks.trace_hook`. It judges the sample
once to warm up. Then it traces several judgements, each with a source that is in no cache: it sends a POST,
waits until the database has the verdict, and gets the status. A module counts if one of its functions is
called. An import does not count, and neither does a function that also runs while nothing is judged, so the
work of timers is left out. A module must run in each of the faster half of the judgements. The last line of
the output counts the lines of these modules and of their functions.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import requests

from benchmarks.code_size import PACKAGES, measure
from benchmarks.stack import TREE, Stack, await_idle, started
from benchmarks.trace_hook import CONTROL, FOLDER_VARIABLE, PROCESSES, ROOT_VARIABLE

PROBLEM, LANGUAGE = "aplusb", "cpp20"
SAMPLE = TREE / "problems" / PROBLEM / "submissions" / "accepted" / "sum.cpp"
JUDGEMENTS = 12
IDLE = 255
"""The number under which calls are traced while nothing is judged."""
IDLE_SECONDS = 5.0
VERDICT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Trace:
    """The modules that ran, as paths in the tree, for each kind of process."""

    modules: dict[str, frozenset[str]]

    @property
    def distinct(self) -> frozenset[str]:
        return frozenset().union(*self.modules.values())


def main() -> None:
    options = _parser().parse_args()
    trace = trace_submission(options.tree.resolve(), options.judgements)
    if options.json:
        modules = {process: sorted(found) for process, found in trace.modules.items()}
        options.json.write_text(json.dumps({"total": len(trace.distinct), **modules}, indent=1) + "\n")
    _print(trace)
    print(measure(options.tree.resolve(), trace.distinct).describe())


def trace_submission(tree: Path, judgements: int = JUDGEMENTS) -> Trace:
    """Start the stack of ``tree`` with its own ``.venv`` and trace that many judgements."""
    with tempfile.TemporaryDirectory(prefix="gavel-trace-") as name:
        folder = Path(name)
        (folder / CONTROL).write_bytes(b"\0")
        shutil.copy(Path(__file__).with_name("trace_hook.py"), folder / "sitecustomize.py")
        python = str(tree / ".venv" / "bin" / "python")
        with started("normal=1", _tracing(folder, tree), tree, python) as stack:
            _judge(stack, 0)
            await_idle()
            seconds = {number: _trace(folder, stack, number) for number in range(1, judgements + 1)}
            await_idle()
            with _recording(folder, IDLE):
                time.sleep(max(IDLE_SECONDS, *seconds.values()))
        fastest = sorted(seconds, key=seconds.__getitem__)[: (judgements + 1) // 2]
        return _read(folder, fastest)


def _trace(folder: Path, stack: Stack, number: int) -> float:
    began = time.perf_counter()
    with _recording(folder, number):
        _judge(stack, number)
    return time.perf_counter() - began


def _tracing(folder: Path, tree: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(folder), FOLDER_VARIABLE: str(folder), ROOT_VARIABLE: str(tree)}


@contextmanager
def _recording(folder: Path, number: int) -> Iterator[None]:
    """Let each process trace under this number during the block. The file is written in place, because each
    process has mapped it."""
    control = os.open(folder / CONTROL, os.O_WRONLY)
    try:
        os.pwrite(control, bytes([number]), 0)
        yield
    finally:
        os.pwrite(control, b"\0", 0)
        os.close(control)


def _judge(stack: Stack, number: int) -> None:
    body = {
        "problem": PROBLEM,
        "language": LANGUAGE,
        "source": f"{SAMPLE.read_text()}// {number}\n",
    }
    session = stack.session()
    posted = session.post(f"{stack.url}/submissions", json=body, timeout=10)
    posted.raise_for_status()
    _await_verdict(stack, posted.json()["id"])
    _await_success(session, f"{stack.url}{posted.json()['status_url']}")


def _await_verdict(stack: Stack, submission: str) -> None:
    """Wait for the verdict in the database and not by HTTP, so that no other request is traced."""
    deadline = time.monotonic() + VERDICT_SECONDS
    with closing(sqlite3.connect(stack.data / "gavel.db")) as database:
        query = "SELECT verdict FROM submissions WHERE id = ?"
        while database.execute(query, (submission,)).fetchone() in (None, (None,)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"No verdict for {submission} within {VERDICT_SECONDS:.0f} s.")
            time.sleep(0.01)


def _await_success(session: requests.Session, url: str) -> None:
    """Get the status until it is final. One GET is usually enough, because the status is published just after
    the database has the verdict."""
    deadline = time.monotonic() + VERDICT_SECONDS
    while (status := session.get(url, timeout=10).json())["state"] != "SUCCESS":
        if time.monotonic() > deadline:
            raise TimeoutError(f"No final status within {VERDICT_SECONDS:.0f} s: {status}")
        time.sleep(0.01)
    if status["verdict"] != "AC":
        raise AssertionError(f"The sample was not accepted: {status}")


def _read(folder: Path, judgements: Sequence[int]) -> Trace:
    """The modules that ran in each of these judgements. Functions that also run while nothing is judged are
    left out."""
    lines = chain.from_iterable(path.read_text().splitlines() for path in folder.glob("*.trace"))
    calls = {tuple(line.split("\t")) for line in lines}
    by_timers = {call[1:] for call in calls if call[0] == str(IDLE)}
    ran: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for number, process, module, function in calls:
        if module.split("/")[0] in PACKAGES and (process, module, function) not in by_timers:
            ran[process][module].add(int(number))
    return Trace(
        {
            process: frozenset(name for name, seen in ran[process].items() if seen >= set(judgements))
            for process in PROCESSES.values()
        }
    )


def _print(trace: Trace) -> None:
    for process, modules in trace.modules.items():
        print(f"{process}: {len(modules)}")
        for module in sorted(modules):
            print(f"  {module}")
    counts = ", ".join(f"{process} {len(modules)}" for process, modules in trace.modules.items())
    print(f"distinct modules: {len(trace.distinct)} ({counts})")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trace_submission", description=__doc__)
    parser.add_argument(
        "--tree", type=Path, default=TREE, help="the working tree to trace, with its own .venv"
    )
    parser.add_argument(
        "--judgements", type=int, default=JUDGEMENTS, help="the number of judgements to trace"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the modules to this file")
    return parser


if __name__ == "__main__":
    main()
