"""The reported memory of a run does not depend on the file cache that the run fills."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import MIB, Command, Ending, IsolationMode, Limits, Mount, RunReport, Sandbox, SlotConfig
from sandbox.cgroups.api import NO_SAMPLES, MemorySamples, peak_without_cache
from sandbox.factory import open_backend

SLOT = 450
FILE_MB = 160
PROGRAM = """
import mmap, sys, time
had_mb, seconds, reads = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
block = bytearray(1 << 20)
held = mmap.mmap(-1, had_mb << 20)
for page in range(0, had_mb << 20, 4096): held[page] = 1
time.sleep(seconds)
held.close()
for name in reads:
    with open(name, "rb", buffering=0) as f:
        while f.readinto(block): pass
"""


@pytest.fixture(scope="module")
def share() -> Iterator[Path]:
    """A folder with new files. No earlier run has read them, so the run that reads one is charged for its
    cache."""
    with tempfile.TemporaryDirectory(prefix="gavel-share-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "data").mkdir()
        for number in range(2):
            (folder / "data" / str(number)).write_bytes(os.urandom(MIB) * FILE_MB)
        yield folder


@pytest.fixture(scope="module", params=["launcher", "bubblewrap"])
def sandbox(request: pytest.FixtureRequest, share: Path) -> Iterator[Sandbox]:
    opened = open_backend(SlotConfig(SLOT, (share,), share, backend=request.param), request.param)
    if opened.isolation.mode is not IsolationMode.FULL:
        opened.close()
        pytest.skip("without cgroups no file cache is charged")
    yield opened
    opened.close()


def forget_cache(share: Path) -> None:
    for path in (share / "data").iterdir():
        fd = os.open(path, os.O_RDONLY)
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)


def run(
    sandbox: Sandbox, share: Path, had_mb: int, *reads: str, seconds: float = 0, limit_mb: int = 512
) -> RunReport:
    argv = ("/usr/bin/python3", "-c", PROGRAM, str(had_mb), str(seconds), *reads)
    limits = Limits(cpu_seconds=20, wall_seconds=60, memory_bytes=limit_mb * MIB)
    mounts = (Mount(share / "data", "/d"),)
    report = sandbox.run(Command(argv, limits, mounts=mounts, seccomp_profile="python"))
    assert (report.ending, report.exit_code) == (Ending.EXITED, 0), report.stderr
    return report


def assert_about(report: RunReport, had_mb: int) -> None:
    assert had_mb * 1024 <= report.memory_kb <= (had_mb + 24) * 1024


@pytest.mark.parametrize("seconds", [0, 0.1], ids=["a-short-peak", "a-long-peak"])
@pytest.mark.parametrize("reads", [(), ("/d/0",), ("/d/0", "/d/1")], ids=["no-file", "a-file", "two-files"])
def test_a_program_cannot_hide_its_memory_by_reading_files(
    sandbox: Sandbox, share: Path, reads: tuple[str, ...], seconds: float
) -> None:
    forget_cache(share)
    assert_about(run(sandbox, share, 100, *reads, seconds=seconds), 100)


def test_a_program_cannot_hide_its_memory_by_files_that_an_earlier_run_has_read(
    sandbox: Sandbox, share: Path
) -> None:
    forget_cache(share)
    run(sandbox, share, 1, "/d/0")
    assert_about(run(sandbox, share, 100, "/d/1"), 100)


@pytest.mark.parametrize("limit_mb", [192, 512], ids=["the-cache-is-reclaimed", "the-cache-stays"])
def test_files_that_a_run_has_read_do_not_change_the_next_run_s_memory(
    sandbox: Sandbox, share: Path, limit_mb: int
) -> None:
    forget_cache(share)
    run(sandbox, share, 1, "/d/0")
    assert_about(run(sandbox, share, 60, seconds=0.1, limit_mb=limit_mb), 60)


def test_reading_files_is_not_reported_as_memory(sandbox: Sandbox, share: Path) -> None:
    forget_cache(share)
    assert_about(run(sandbox, share, 10, "/d/0", "/d/1"), 10)


@pytest.mark.parametrize(
    ("peak", "caches", "samples", "memory"),
    [
        (100, (10, 10), NO_SAMPLES, 90),
        (100, (0, 100), NO_SAMPLES, 0),
        (100, (0, 100), MemorySamples(70), 70),
        (100, (0, 100), MemorySamples(largest_process=80), 80),
        (100, (40, 100), MemorySamples(largest_process=80), 60),
        (100, (60, 60), MemorySamples(largest_process=80, least_cache=20, most_cache=60), 80),
        (10, (20, 20), NO_SAMPLES, 0),
    ],
)
def test_the_peak_without_cache_is_bounded_by_the_least_and_the_most_cache_seen(
    peak: int, caches: tuple[int, ...], samples: MemorySamples, memory: int
) -> None:
    assert peak_without_cache(peak, caches, samples) == memory
