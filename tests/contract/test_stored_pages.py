"""A slot's file server stores the pages of files itself, so no program is charged for them."""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import MIB, Command, Limits, Mount, RunReport, Sandbox
from sandbox.api import FILE_PAGES
from sandbox.cgroups.cgroupfs import cgroup_mounts, own_cgroup_folder, own_cgroup_paths
from sandbox.proc_usage import children
from tests.contract.own_files import opened_slot, shared_folder

SLOT = 446
LIMITS = Limits(cpu_seconds=60, wall_seconds=120, memory_bytes=32 * MIB, delay_seconds=60)


@pytest.fixture(scope="module")
def share() -> Iterator[Path]:
    with shared_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def sandbox(share: Path) -> Iterator[Sandbox]:
    with opened_slot(SLOT, share) as opened:
        yield opened


def run(sandbox: Sandbox, share: Path, script: str) -> RunReport:
    command = Command(("/bin/sh", "-c", script), LIMITS, mounts=(Mount(share / "m", "/m"),))
    report = sandbox.run(command)
    assert (report.exit_code, report.stderr) == (0, b"")
    return report


def write_sparse(path: Path, size: int) -> None:
    """Write a file of zeros that ends with its own name. The zeros take no space on the disk."""
    with path.open("wb") as out:
        out.truncate(size - len(path.name))
        out.seek(0, os.SEEK_END)
        out.write(path.name.encode())


def serves_files(sandbox: Sandbox) -> bool:
    return {each.limit: each for each in sandbox.isolation.guarantees}[FILE_PAGES].enforced_by == "FUSE"


def bytes_read_by_the_server(sandbox: Sandbox, share: Path) -> int:
    """The number of bytes that the slot's file server has read from the host's files."""
    for launcher in children(os.getpid()):
        if os.fsencode(share) in Path(f"/proc/{launcher}/cmdline").read_bytes():
            (server, _zygote) = children(launcher)
            io = Path(f"/proc/{server}/io").read_text()
            return int(io.split("rchar: ")[1].split()[0])
    raise AssertionError("the slot has no launcher")


def slot_statistics() -> Iterator[Path]:
    """The memory statistics of the slot's cgroup. Only cgroup v1 has such a cgroup, which lasts from run to
    run."""
    for kind, where, options in cgroup_mounts():
        if kind == "cgroup" and "memory" in options:
            found = own_cgroup_folder(where, own_cgroup_paths()["memory"]) / f"gavel-{SLOT}" / "memory.stat"
            assert found.exists()
            yield found


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, MIB - 1, MIB, MIB + 1, 3 * MIB])
def test_a_program_reads_every_byte_of_files_of_many_sizes(sandbox: Sandbox, share: Path, size: int) -> None:
    content = os.urandom(size)
    (share / "m" / f"of-{size}").write_bytes(content)
    for _ in range(2):
        assert run(sandbox, share, f"cat /m/of-{size}").stdout == content


def test_the_last_page_of_a_mapped_file_is_zero_behind_the_end_of_the_file(
    sandbox: Sandbox, share: Path
) -> None:
    """Kernels from before August 2024 leave old memory behind the end of the file (CVE-2024-44947)."""
    (share / "m" / "short").write_bytes(b"x" * 100)
    code = (
        "import ctypes, os\nlibc = ctypes.CDLL(None)\nlibc.mmap.restype = ctypes.c_void_p\n"
        "page = libc.mmap(None, 4096, 1, 2, os.open('/m/short', 0), 0)\n"
        "print(ctypes.string_at(page, 4096) == b'x' * 100 + bytes(3996))"
    )
    command = Command(
        ("/usr/bin/python3", "-c", code), LIMITS, seccomp_profile="python", mounts=(Mount(share / "m", "/m"),)
    )
    assert sandbox.run(command).stdout == b"True\n"


def test_a_file_is_read_once_from_the_host_and_charged_to_no_program(sandbox: Sandbox, share: Path) -> None:
    if os.geteuid() or not serves_files(sandbox):
        return
    write_sparse(share / "m" / "input", 60 * MIB)
    run(sandbox, share, "cat /m/of-1 | tail -c 1 > /dev/null")
    before = bytes_read_by_the_server(sandbox, share)
    for _ in range(2):
        assert run(sandbox, share, "tail -c 5 /m/input; cat /m/input > /dev/null").stdout == b"input"
    read = bytes_read_by_the_server(sandbox, share) - before
    assert 60 * MIB <= read < 62 * MIB
    for statistics in slot_statistics():
        cache = dict(line.split() for line in statistics.read_text().splitlines())["cache"]
        assert int(cache) < 8 * MIB


def test_files_beyond_the_cache_are_dropped_and_read_again(sandbox: Sandbox, share: Path) -> None:
    """The cache for programs and tests has 256 MiB, so the third file of 100 MiB replaces the first."""
    names = [f"many-{n}" for n in range(3)]
    for name in names:
        write_sparse(share / "m" / name, 100 * MIB)
    for name in (*names, names[0]):
        assert run(sandbox, share, f"tail -c 6 /m/{name}").stdout == name.encode()


def pages_in_the_hosts_cache(path: Path) -> int:
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        first, found = ctypes.c_char.from_buffer(mapped), (ctypes.c_ubyte * (len(mapped) // mmap.PAGESIZE))()
        result = ctypes.CDLL(None).mincore(
            ctypes.c_void_p(ctypes.addressof(first)), ctypes.c_size_t(len(mapped)), found
        )
        del first
    assert result == 0
    return sum(each & 1 for each in found)


def write_uncached(path: Path, size: int) -> None:
    """Write a file, and drop it from the host's cache. It stays in memory if its file system has no disk."""
    with path.open("wb") as out:
        out.write(os.urandom(size))
        out.flush()
        os.fsync(out.fileno())
        os.posix_fadvise(out.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def test_a_file_stays_in_the_hosts_cache_when_the_slots_cache_is_full(sandbox: Sandbox, share: Path) -> None:
    """Otherwise the host's disk would read the files each time, if a program opens several files again and
    again."""
    last = share / "m" / "last"
    write_uncached(last, 8 * MIB)
    for name in ("ring-0", "ring-1"):
        write_sparse(share / "m" / name, 128 * MIB)
        assert run(sandbox, share, f"tail -c 6 /m/{name}").stdout == name.encode()
    run(sandbox, share, "exec 3< /m/last")
    if serves_files(sandbox):
        assert pages_in_the_hosts_cache(last) > 8 * MIB // mmap.PAGESIZE // 2


def test_programs_that_read_large_files_at_the_same_time_all_end(sandbox: Sandbox, share: Path) -> None:
    """The kernel requests blocks of the two largest files one by one, while the other files are stored and
    dropped."""
    for name, size in {"a": 129, "b": 129, "c": 100, "d": 100, "e": 100}.items():
        write_sparse(share / "m" / name, size * MIB)
    readers = " ".join(f"tail -c 1 /m/{name}; head -c 9000000 /m/{name} > /dev/null;" for name in "abcde")
    script = f"for n in 1 2 3; do ( {readers} ) & done; wait"
    assert sorted(run(sandbox, share, script).stdout.decode()) == sorted("abcde" * 3)
