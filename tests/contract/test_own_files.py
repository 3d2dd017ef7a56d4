"""A slot's boxes see the host's files through the slot's own file server."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox import MIB, BoxFault, Command, Limits, Mount, RunReport, Sandbox, SlotConfig
from sandbox.api import FILE_PAGES
from sandbox.factory import open_backend
from sandbox.proc_usage import children
from sandbox.slot import OwnFiles
from tests.contract.own_files import opened_slot, shared_folder

SLOT = 452
LIMITS = Limits(cpu_seconds=10, wall_seconds=30, memory_bytes=256 * MIB, delay_seconds=60)
Run = Callable[..., RunReport]


@pytest.fixture(scope="module")
def share() -> Iterator[Path]:
    with shared_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def sandbox(share: Path) -> Iterator[Sandbox]:
    with opened_slot(SLOT, share) as opened:
        yield opened


@pytest.fixture
def run(sandbox: Sandbox, share: Path) -> Run:
    def run(*argv: str, stdin: Path | bytes | None = None) -> RunReport:
        return sandbox.run(Command(argv, LIMITS, stdin=stdin, mounts=(Mount(share / "m", "/m"),)))

    return run


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file by renaming a new one. The new file has the times of the old file."""
    facts = path.stat()
    new = path.with_name(path.name + ".new")
    new.write_bytes(content)
    os.utime(new, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    new.rename(path)


def test_a_program_reads_every_byte_of_a_large_file(run: Run, share: Path) -> None:
    content = os.urandom(5 * MIB + 17)
    (share / "m" / "large").write_bytes(content)
    wanted = hashlib.sha256(content).hexdigest()
    assert run("/usr/bin/sha256sum", "/m/large").stdout.split()[0].decode() == wanted
    assert run("/usr/bin/sha256sum", stdin=share / "m" / "large").stdout.split()[0].decode() == wanted


def test_a_program_sees_all_names_in_a_large_folder(run: Run, share: Path) -> None:
    names = sorted([f"{n:04}-{'x' * 200}" for n in range(2_000)] + ["ä ö", "-n", "x" * 255])
    (share / "m" / "many").mkdir()
    for name in names:
        (share / "m" / "many" / name).touch()
    listed = run("/bin/sh", "-c", "cd /m/many && LC_ALL=C.UTF-8 ls -1N").stdout.decode().splitlines()
    assert sorted(listed) == names


def test_a_box_sees_the_links_modes_and_sizes_of_the_host_s_files(run: Run, share: Path) -> None:
    (share / "m" / "tool").write_bytes(b"12345")
    (share / "m" / "tool").chmod(0o755)
    (share / "m" / "link").symlink_to("tool")
    seen = run("/usr/bin/stat", "-c", "%N %s %a", "/m/tool", "/m/link").stdout.decode().splitlines()
    assert seen == ["'/m/tool' 5 755", "'/m/link' -> 'tool' 4 777"]


@pytest.mark.parametrize("change", ["replaced", "appended", "removed", "added"])
def test_a_change_of_a_share_is_seen_by_the_next_run(run: Run, share: Path, change: str) -> None:
    file = share / "m" / change
    if change != "added":
        file.write_bytes(b"old")
    before = run("/bin/cat", f"/m/{change}")
    match change:
        case "replaced":
            replace_file(file, b"new")
        case "appended":
            with file.open("ab") as out:
                out.write(b"er")
        case "removed":
            file.unlink()
        case _:
            file.write_bytes(b"there")
    wanted = {"replaced": b"new", "appended": b"older", "removed": b"", "added": b"there"}[change]
    assert before.stdout == (b"" if change == "added" else b"old")
    assert run("/bin/cat", f"/m/{change}").stdout == wanted
    if file.exists():
        assert run("/bin/cat", stdin=file).stdout == wanted


@pytest.mark.parametrize("change", ["added", "removed", "renamed"])
def test_a_later_run_sees_the_names_of_a_folder_that_has_changed(run: Run, share: Path, change: str) -> None:
    """The kernel may keep the list of a share's folder for a second."""
    folder = share / "m" / f"names-{change}"
    folder.mkdir()
    (folder / "first").touch()

    def listed() -> list[str]:
        return run("/bin/ls", "-1", f"/m/{folder.name}").stdout.decode().splitlines()

    assert listed() == listed() == ["first"]
    match change:
        case "added":
            (folder / "second").touch()
        case "removed":
            (folder / "first").unlink()
        case _:
            (folder / "first").rename(folder / "second")
    wanted = {"added": ["first", "second"], "removed": [], "renamed": ["second"]}[change]
    await_true(lambda: listed() == wanted)


def test_a_program_lists_a_folder_twice_and_from_the_middle(run: Run, share: Path) -> None:
    """The second list comes from the kernel, and a seek leads to the entry at which the first list stood."""
    folder = share / "m" / "twice"
    folder.mkdir()
    for n in range(500):
        (folder / f"{n:03}").touch()
    program = (
        "import ctypes, os\nc = ctypes.CDLL(None)\nc.opendir.restype = ctypes.c_void_p\n"
        "c.readdir.restype = ctypes.POINTER(ctypes.c_char * 300)\nc.telldir.restype = ctypes.c_long\n"
        "d = ctypes.c_void_p(c.opendir(b'/m/twice'))\n"
        "name = lambda e: bytes(e.contents)[19:].split(b'\\0')[0]\n"
        "for _ in range(300): c.readdir(d)\nat = c.telldir(d)\nafter = name(c.readdir(d))\n"
        "c.rewinddir(d)\nwhole = 0\nwhile c.readdir(d): whole += 1\n"
        "c.seekdir(d, ctypes.c_long(at))\n"
        "print(whole, name(c.readdir(d)) == after, len(os.listdir('/m/twice')))"
    )
    assert run("/usr/bin/python3", "-c", program).stdout.decode().split() == ["502", "True", "500"]


def file_servers(share: Path) -> list[int]:
    """The file servers of the slots with this share. They are the children of a launcher that are in the
    host's pid namespace."""
    launchers = [pid for pid in children(os.getpid()) if os.fsencode(share) in _words(pid)]
    return [pid for launcher in launchers for pid in children(launcher) if not _is_zygote(pid)]


def _is_zygote(pid: int) -> bool:
    try:
        return len(re.findall(r"^NSpid:(.*)$", Path(f"/proc/{pid}/status").read_text(), re.M)[0].split()) > 1
    except OSError:
        return True


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def await_true(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _has_open(pid: int, path: Path) -> bool:
    return any(entry.readlink() == path for entry in Path(f"/proc/{pid}/fd").iterdir())


@pytest.fixture
def server(sandbox: Sandbox, run: Run, share: Path) -> int:
    """The pid of the slot's file server. It is 0 if the host has no FUSE, which the sandbox must then
    report."""
    assert run("/bin/true").exit_code == 0
    pages = {each.limit: each for each in sandbox.isolation.guarantees}[FILE_PAGES]
    if pages.enforced_by != "FUSE":
        assert "serving files through /dev/fuse" in pages.note
        return 0
    (found,) = file_servers(share)
    return found


def test_a_program_that_has_opened_a_file_keeps_its_content_when_the_host_replaces_the_file(
    run: Run, share: Path, server: int
) -> None:
    """A host may upgrade a library, for example, while a program uses it."""
    file, flag = share / "m" / "kept", share / "m" / "flag"
    file.write_bytes(b"a" * 2 * MIB)
    reports: list[RunReport] = []
    script = "exec 3< /m/kept; while [ ! -e /m/flag ]; do sleep 0.02; done; tail -c 5 <&3"
    thread = threading.Thread(target=lambda: reports.append(run("/bin/sh", "-c", script)))
    thread.start()
    if server:
        await_true(lambda: _has_open(server, file))
        replace_file(file, b"b" * 2 * MIB)
    flag.touch()
    thread.join()
    assert (reports[0].stdout, reports[0].stderr) == (b"aaaaa", b"")


def test_a_program_cannot_write_to_the_host_s_files(run: Run) -> None:
    tried = run("/bin/sh", "-c", "echo x > /m/new; echo x >> /usr/bin/env; echo x >> /etc/ld.so.cache")
    assert tried.stderr.count(b"Read-only file system") == 3


def test_after_its_file_server_died_a_slot_fails_a_run_and_then_works_again(
    run: Run, share: Path, server: int
) -> None:
    """The death is a fault of the sandbox, not an ending of the program."""
    if server:
        os.kill(server, signal.SIGKILL)
        await_true(lambda: server not in file_servers(share))
        with pytest.raises(BoxFault):
            run("/bin/true")
    assert run("/bin/echo", "again").stdout == b"again\n"


def test_a_file_server_that_dies_during_a_run_fails_that_run(run: Run, share: Path, server: int) -> None:
    if not server:
        return
    (share / "m" / "held").write_bytes(b"x")
    script = "exec 3< /m/held; while :; do sleep 0.02; done"
    failed: list[BaseException] = []

    def try_to_run() -> None:
        try:
            run("/bin/sh", "-c", script)
        except BoxFault as error:
            failed.append(error)

    thread = threading.Thread(target=try_to_run)
    thread.start()
    await_true(lambda: _has_open(server, share / "m" / "held"))
    os.kill(server, signal.SIGKILL)
    thread.join()
    assert len(failed) == 1
    assert run("/bin/echo", "again").stdout == b"again\n"


def test_the_file_server_of_a_slot_ends_with_the_slot(share: Path) -> None:
    before = set(file_servers(share))
    opened = open_backend(SlotConfig(SLOT + 1, (share,), share, own_files=OwnFiles.AUTO), "launcher")
    started = set(file_servers(share)) - before
    opened.close()
    await_true(lambda: not started & set(file_servers(share)))


def test_a_box_still_sees_a_mounted_file_after_the_host_replaced_the_file(share: Path) -> None:
    """`ldconfig` replaces /etc/ld.so.cache in this way. If boxes lost the file, their programs would find no
    library outside of /usr/lib."""
    root = share / "root"
    (root / "etc").mkdir(parents=True)
    for name, target in (("usr", "/usr"), ("bin", "usr/bin"), ("lib", "usr/lib"), ("lib64", "usr/lib64")):
        (root / name).symlink_to(target)
    cache = root / "etc" / "ld.so.cache"
    cache.write_bytes(b"first")
    opened = open_backend(SlotConfig(SLOT + 2, (), share, root=root, own_files=OwnFiles.AUTO), "launcher")
    try:
        command = Command(("/bin/cat", "/etc/ld.so.cache"), LIMITS)
        before = opened.run(command).stdout
        replace_file(cache, b"second")
        after = opened.run(command)
    finally:
        opened.close()
    assert (before, after.stdout, after.stderr) == (b"first", b"first", b"")


def test_files_of_two_devices_have_different_inode_numbers_in_a_slot() -> None:
    """In the slot all files are on one device, so their inode numbers must differ. `ld.so` takes two
    libraries with the same number for one."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        other = Path(name)
        other.chmod(0o755)
        (other / "m").mkdir()
        (other / "m" / "file").touch()
        opened = open_backend(SlotConfig(SLOT + 3, (other,), other, own_files=OwnFiles.AUTO), "launcher")
        try:
            words = ("/usr/bin/stat", "-c", "%d %i", "/usr/bin/env", "/m/file")
            seen = opened.run(Command(words, LIMITS, mounts=(Mount(other / "m", "/m"),))).stdout
        finally:
            opened.close()
        host = [Path("/usr/bin/env").stat().st_ino, (other / "m" / "file").stat().st_ino]
    found = [tuple(map(int, line.split())) for line in seen.splitlines()]
    spaces = {(device, number ^ real) for (device, number), real in zip(found, host, strict=True)}
    assert len(spaces) == 2


def test_if_dev_fuse_cannot_be_opened_the_sandbox_reports_the_cause(tmp_path: Path) -> None:
    """The test opens the slot in a mount namespace in which /dev/fuse may not be used as a device. Only root
    can make such a namespace."""
    if os.geteuid() or not Path("/dev/fuse").exists():
        return
    source = (
        "import sys; from pathlib import Path; from sandbox import SlotConfig; "
        "from sandbox.factory import open_backend; from sandbox.slot import OwnFiles; "
        f"config = SlotConfig({SLOT + 4}, (), Path(sys.argv[1]), own_files=OwnFiles.AUTO); "
        "opened = open_backend(config, 'launcher'); "
        "print(opened.isolation.guarantees); opened.close()"
    )
    close = "mount --bind /dev/fuse /dev/fuse && mount -o remount,bind,nodev /dev/fuse"
    words = ["unshare", "-m", "sh", "-c", f'{close} && exec "$@"', "sh"]
    done = subprocess.run(
        [*words, sys.executable, "-c", source, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert "serving files through /dev/fuse: EACCES" in done.stdout, done.stderr


def test_the_file_server_stays_on_the_cores_of_its_slot(share: Path) -> None:
    """The server's work for a program must not take time from the programs of other slots."""
    core = min(os.sched_getaffinity(0))
    before = set(file_servers(share))
    opened = open_backend(
        SlotConfig(SLOT + 5, (share,), share, cpus=(core,), own_files=OwnFiles.AUTO), "launcher"
    )
    try:
        started = set(file_servers(share)) - before
        assert {frozenset(os.sched_getaffinity(pid)) for pid in started} <= {frozenset({core})}
    finally:
        opened.close()


def test_the_file_server_does_not_run_with_a_raised_priority(server: int) -> None:
    """Otherwise a program that opens large files again and again would take CPU time from the worker and
    other slots."""
    if server:
        assert os.getpriority(os.PRIO_PROCESS, server) >= 0
