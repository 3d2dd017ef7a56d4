"""Boxes of two slots have no file in common if each slot has its own copy of the system. So no program can
wake a program in a box of another slot."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox import MIB, Cancelled, CannotIsolate, Command, Limits, Mount, RunReport, Sandbox, SlotConfig
from sandbox.api import FILE_PAGES, Guarantee
from sandbox.box_files import SMALL_BYTES
from sandbox.factory import open_backend
from sandbox.rootfs import root_entries
from sandbox.slot import OwnFiles
from tests.hostile.case import PROGRAMS

SLOT = 456
WAKERS = ("futex_waker", "futex_thread_end_waker", "futex_robust_list_waker")
LIMITS = Limits(cpu_seconds=30, wall_seconds=60, memory_bytes=64 * MIB, processes=600)
PATIENCE_MS = {"patient": 8_000, "brief": 600}
"""The time limits of sleepers: a sleeper that should be woken may wait long, and a sleeper that must not be
woken waits for its whole time."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gavel-roots-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def programs(folder: Path) -> Path:
    """The sleeper and the wakers of the hostile suite, in a folder that boxes may mount."""
    built = folder / "programs"
    for name in ("futex_sleeper", *WAKERS):
        for kind, patience in PATIENCE_MS.items():
            target = built / kind / name / "prog"
            target.parent.mkdir(parents=True)
            source = PROGRAMS / "kernel" / f"{name}.c"
            options = ["-O1", "-w", "-pthread", f"-I{PROGRAMS.parent}", f"-DPATIENCE_MS={patience}"]
            subprocess.run(["gcc", *options, "-o", str(target), str(source)], check=True)
    # A smaller standard input would be copied for each run, so two boxes would not share it.
    (built / "zeros").write_bytes(bytes(2 * SMALL_BYTES))
    return built


def copy_system(programs: Path, root: Path) -> Path:
    """Copy the libraries that these programs need, and no more, to the root folder. Returns the folder."""
    linked = subprocess.run(
        ["ldd", programs / "brief" / "futex_sleeper" / "prog"], capture_output=True, text=True, check=True
    )
    libraries = [Path(word) for word in linked.stdout.split() if word.startswith("/")]
    for library in libraries:
        copy = root / library.resolve().relative_to("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(library.resolve(), copy)
        wanted = root / "usr" / library.relative_to("/")
        if not wanted.exists():
            wanted.parent.mkdir(parents=True, exist_ok=True)
            wanted.symlink_to("/" + str(library.resolve().relative_to("/")))
    for name in ("lib", "lib64", "bin"):
        (root / name).symlink_to(f"usr/{name}")
    (root / "etc").mkdir()
    shutil.copy2("/etc/ld.so.cache", root / "etc")
    return root


@dataclass(frozen=True)
class TwoSlots:
    """Two opened slots. ``shares_system`` is true if their boxes have the same libc file in common, and
    ``shares_programs`` if they have the programs' files in common."""

    first: Sandbox
    second: Sandbox
    shares_system: bool
    shares_programs: bool


def _pages(sandbox: Sandbox) -> Guarantee:
    return {each.limit: each for each in sandbox.isolation.guarantees}[FILE_PAGES]


@pytest.fixture(scope="module", params=["files of its own", "own copies", "the host's files"])
def slots(request: pytest.FixtureRequest, folder: Path, programs: Path) -> Iterator[TwoSlots]:
    """Two slots of one kind. A slot has files of its own only if the host has FUSE. If not, the slot reports
    that."""
    has_copies = request.param == "own copies"
    own_files = OwnFiles.AUTO if request.param == "files of its own" else OwnFiles.NO
    roots = [copy_system(programs, folder / f"root-{n}") if has_copies else Path("/") for n in range(2)]
    opened = [
        open_backend(SlotConfig(SLOT + n, (programs,), folder, root=root, own_files=own_files), "launcher")
        for n, root in enumerate(roots)
    ]
    says_own = _pages(opened[0]).enforced_by == "FUSE"
    assert says_own or own_files is OwnFiles.NO or "serving files through /dev/fuse" in _pages(opened[0]).note
    yield TwoSlots(opened[0], opened[1], not (says_own or has_copies), not says_own)
    for each in opened:
        each.close()


def start(
    sandbox: Sandbox, programs: Path, program: str, file: str, done: list[RunReport]
) -> threading.Thread:
    """Run the program in a thread. The thread adds the report to ``done`` unless the run is cancelled."""

    def run() -> None:
        argv = (f"/p/{program}/prog", *([file] if file else []))
        mounts = (Mount(programs, "/p"),)
        with suppress(Cancelled):
            done.append(sandbox.run(Command(argv, LIMITS, stdin=programs / "zeros", mounts=mounts)))

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("waker", "file"),
    [*((waker, "") for waker in WAKERS), ("futex_waker", "program"), ("futex_waker", "stdin")],
    ids=["libc", "libc, by a thread's end", "libc, by robust locks", "program", "stdin"],
)
def test_a_program_can_wake_a_box_of_another_slot_only_if_both_see_the_same_file(
    slots: TwoSlots, programs: Path, waker: str, file: str
) -> None:
    is_shared = slots.shares_programs if file else slots.shares_system
    kind = "patient" if is_shared else "brief"
    path = f"/p/{kind}/futex_sleeper/prog" if file == "program" else file
    slept: list[RunReport] = []
    woke: list[RunReport] = []
    sleeper = start(slots.first, programs, f"{kind}/futex_sleeper", path, slept)
    ringer = start(slots.second, programs, f"{kind}/{waker}", path, woke)
    sleeper.join()
    while is_shared and ringer.is_alive():  # end the waker, which does not end by itself
        slots.second.cancel()
        ringer.join(0.05)
    ringer.join()
    assert [report.exit_code for report in [*slept, *woke]] == [0] * (1 + len(woke))
    assert slept[0].stderr == (b"ESCAPED\n" if is_shared else b"held\n")
    assert is_shared or woke


def test_absolute_links_in_a_copy_of_the_system_lead_into_the_copy(tmp_path: Path) -> None:
    (tmp_path / "usr" / "bin").mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    (tmp_path / "usr" / "bin" / "env").touch()
    (tmp_path / "etc" / "localtime").symlink_to("/usr/bin/env")
    sources = {entry.target: entry.source for entry in root_entries(root=tmp_path)}
    assert sources["/usr"] == str(tmp_path / "usr")
    assert sources["/etc/localtime"] == str(tmp_path / "usr" / "bin" / "env")


def test_a_root_folder_without_usr_is_refused_with_the_fix(tmp_path: Path) -> None:
    with pytest.raises(CannotIsolate, match="holds no usr: copy the host's /usr"):
        root_entries(root=tmp_path)
