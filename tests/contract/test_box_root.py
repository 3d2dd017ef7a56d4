"""Boxes of slots with different copies of the system have no file in common, so none can wake another."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import MIB, CannotIsolate, Command, Limits, Mount, RunReport, Sandbox, SlotConfig
from sandbox.factory import open_backend
from sandbox.rootfs import root_entries
from tests.hostile.case import PROGRAMS

SLOT = 456
WAKERS = ("futex_waker", "futex_thread_end_waker", "futex_robust_list_waker")
LIMITS = Limits(cpu_seconds=5, wall_seconds=10, memory_bytes=64 * MIB)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gavel-roots-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def programs(folder: Path) -> Path:
    """The sleeper and the waker of the hostile suite, in a folder that boxes may mount."""
    built = folder / "programs"
    for name in ("futex_sleeper", *WAKERS):
        (built / name).mkdir(parents=True)
        source = PROGRAMS / "kernel" / f"{name}.c"
        command = [
            "gcc",
            "-O1",
            "-w",
            "-pthread",
            f"-I{PROGRAMS.parent}",
            "-o",
            str(built / name / "prog"),
            str(source),
        ]
        subprocess.run(command, check=True)
    return built


def copy_system(programs: Path, root: Path) -> Path:
    """The libraries of these programs and no more."""
    linked = subprocess.run(
        ["ldd", programs / "futex_sleeper" / "prog"], capture_output=True, text=True, check=True
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


@pytest.fixture(scope="module", params=["own copies", "the host's files"])
def pair(
    request: pytest.FixtureRequest, folder: Path, programs: Path
) -> Iterator[tuple[bool, Sandbox, Sandbox]]:
    separate = request.param == "own copies"
    roots = [copy_system(programs, folder / f"root-{n}") for n in range(2)] if separate else [Path("/")] * 2
    configs = [SlotConfig(SLOT + n, (programs,), folder, root=root) for n, root in enumerate(roots)]
    opened = [open_backend(config, "launcher") for config in configs]
    yield separate, opened[0], opened[1]
    for each in opened:
        each.close()


def run(sandbox: Sandbox, programs: Path, name: str, reports: list[RunReport]) -> None:
    mounts = (Mount(programs / name, "/p"),)
    reports.append(sandbox.run(Command(("/p/prog",), LIMITS, mounts=mounts)))


@pytest.mark.parametrize("waker", WAKERS)
def test_a_program_wakes_another_box_only_through_a_file_of_both(
    pair: tuple[bool, Sandbox, Sandbox], programs: Path, waker: str
) -> None:
    separate, first, second = pair
    slept: list[RunReport] = []
    thread = threading.Thread(target=run, args=(first, programs, "futex_sleeper", slept))
    thread.start()
    woke: list[RunReport] = []
    run(second, programs, waker, woke)
    thread.join()
    assert slept[0].exit_code == woke[0].exit_code == 0
    assert slept[0].stderr == (b"held\n" if separate else b"ESCAPED\n")


def test_absolute_links_of_a_copy_lead_into_the_copy(tmp_path: Path) -> None:
    (tmp_path / "usr" / "bin").mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    (tmp_path / "usr" / "bin" / "env").touch()
    (tmp_path / "etc" / "localtime").symlink_to("/usr/bin/env")
    sources = {entry.target: entry.source for entry in root_entries(root=tmp_path)}
    assert sources["/usr"] == str(tmp_path / "usr")
    assert sources["/etc/localtime"] == str(tmp_path / "usr" / "bin" / "env")


def test_a_folder_without_a_copy_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CannotIsolate, match="holds no usr: copy the host's /usr"):
        root_entries(root=tmp_path)
