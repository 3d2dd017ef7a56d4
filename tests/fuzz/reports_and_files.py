"""Gives random input to the Python part of the sandbox: ``python -m tests.fuzz.reports_and_files --minutes
5``.

Each report of the launcher must be parsed, or refused with a BoxFault. From the folder that a box leaves,
only regular files of that folder may be collected. No content of the folder may cause a fault.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import struct
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from sandbox import Command, Limits
from sandbox.backends.result import KillReason
from sandbox.box_files import collect
from sandbox.errors import BoxFault
from sandbox.launcher import protocol

REPORT = struct.Struct("=IIQ" + "i" * 6 + "q" * 10)
assert REPORT.size == protocol.REPORT_BYTES, "a report of another size is refused before it is read"
BATCH = 200
OUTSIDE = b"a file of the host's"
WANTED = Command(("/x",), Limits(1, 1, 1), collect=("out", "a", "link"), collect_bytes=1 << 16)

small = st.integers(-2, 70000)
words = st.one_of(small, st.integers(-(2**31), 2**31 - 1))
longs = st.one_of(small, st.integers(-(2**63), 2**63 - 1))
shaped = st.builds(
    REPORT.pack,
    st.one_of(st.just(protocol.MAGIC), st.integers(0, 2**32 - 1)),
    st.one_of(st.integers(0, 4), st.integers(0, 2**32 - 1)),
    st.integers(0, 2**64 - 1),
    *[words] * 6,
    *[longs] * 10,
)
cut = st.builds(lambda whole, at: whole[:at], shaped, st.integers(0, REPORT.size))
reports = st.one_of(shaped, cut, st.binary(max_size=2 * REPORT.size))

odd = st.sampled_from([b"out", b"a", b"link", b"x" * 255, b"\xff", b"two\nlines", b" ", b"..."])
# Each name is one component, never an absolute path or "..". So nothing is made outside the tree.
inner = st.binary(min_size=1, max_size=12).map(lambda raw: raw.replace(b"/", b"_"))
names = st.one_of(odd, inner.filter(lambda raw: raw not in (b".", b"..")))
escapes = ("/etc/passwd", "../" * 9 + "etc/passwd", "/proc/self/root/etc/passwd", "OUTSIDE")
kinds = st.sampled_from(
    ["file", "folder", "symlink", "hard link", "fifo", "sparse", "closed", "deep", *escapes]
)
trees = st.lists(st.tuples(kinds, names, names), max_size=25)

QUIET = settings(
    max_examples=BATCH,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def check_report(message: bytes) -> None:
    """A report is parsed and can be described, or it raises a BoxFault."""
    try:
        report = protocol.parse_report(message)
    except BoxFault:
        return
    assert KillReason(report.kill_reason) in KillReason
    assert report.describe_failure()
    assert len(message) == REPORT.size


def build_tree(top: Path, plan: list[tuple[str, bytes, bytes]], outside: Path) -> None:
    """Make a tree that a hostile program might leave. Entries that this file system refuses are left out."""
    folder = top
    for kind, name, other in plan:
        path = folder / os.fsdecode(name)
        assert path.parent == folder
        with contextlib.suppress(OSError, ValueError):
            if kind == "folder":
                path.mkdir()
                folder = path
            elif kind == "deep":
                path.joinpath(*["d"] * 40).mkdir(parents=True)
            elif kind == "symlink":
                path.symlink_to(os.fsdecode(other))
            elif kind in escapes:
                path.symlink_to(outside if kind == "OUTSIDE" else kind)
            elif kind == "hard link":
                aim = top / os.fsdecode(other)
                path.hardlink_to(aim if aim.exists() else outside)
            elif kind == "fifo":
                os.mkfifo(path)
            else:
                write(path, kind)


def write(path: Path, kind: str) -> None:
    with path.open("xb") as file:
        file.write(b"own")
        if kind == "sparse":
            file.truncate(1 << 40)
    if kind == "closed":
        path.chmod(0)


def check_collection(plan: list[tuple[str, bytes, bytes]]) -> None:
    """The collection takes no file from outside the tree, does not hang, and raises nothing."""
    with tempfile.TemporaryDirectory(prefix="gavel-fuzz-", ignore_cleanup_errors=True) as place:
        work, outside = Path(place, "w"), Path(place, "outside")
        work.mkdir()
        outside.write_bytes(OUTSIDE)
        build_tree(work, plan, outside)
        fd = os.open(work, os.O_PATH | os.O_DIRECTORY)
        try:
            found = collect(fd, WANTED)
        finally:
            os.close(fd)
        assert set(found.files.values()) <= {b"own"}, found


def fuzz(name: str, check: Callable[..., None], inputs: st.SearchStrategy[object], seconds: float) -> None:
    """Run batch after batch for this long. The first failure ends the run and shows its example."""
    end, done, counted = time.monotonic() + seconds, 0, [0]
    while time.monotonic() < end:

        def once(one: object) -> None:
            counted[0] += 1
            check(one)

        seed(done)(QUIET(given(inputs)(once)))()
        done += 1
    print(f"{name}: {counted[0]} inputs in {seconds:.0f} s, nothing found", flush=True)


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of input, and its check."""

    name: str
    check: Callable[..., None]
    inputs: st.SearchStrategy[Any]


def fuzz_all(module: str, description: str, targets: Sequence[Target]) -> None:
    """Run the command line of a module. Each target is fuzzed for an equal part of the time."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.fuzz.{module}", description=description)
    parser.add_argument(
        "--minutes", type=float, default=5.0, help="minutes for all inputs together (default 5)"
    )
    seconds = parser.parse_args().minutes * 60
    for target in targets:
        fuzz(target.name, target.check, target.inputs, seconds / len(targets))


if __name__ == "__main__":
    fuzz_all(
        "reports_and_files",
        __doc__ or "",
        (Target("reports", check_report, reports), Target("trees", check_collection, trees)),
    )
