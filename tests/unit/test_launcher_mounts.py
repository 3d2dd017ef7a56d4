"""A box that cannot be made leaves no descriptor open in the zygote, whichever step fails."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("launcher_mounts.c")
CALLS = {"create_work_tmpfs": 6, "resize_work_tmpfs": 3, "clone_tree": 2, "open_without_path": 1}
STEPS = [(name, step) for name, count in CALLS.items() for step in range(count)]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    assert compiler is not None
    built = tmp_path_factory.mktemp("mounts") / "mounts"
    subprocess.run(
        [compiler, "-w", f"-I{Path('sandbox/launcher').resolve()}", "-o", built, SOURCE], check=True
    )
    return built


def call(program: Path, folder: Path, *arguments: str) -> tuple[int, ...]:
    """Call the program. Returns whether the call failed, how many descriptors it left, and whether errno
    names the cause."""
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return tuple(int(word) for word in done.stdout.split())


@pytest.mark.parametrize(("name", "step"), STEPS)
def test_no_descriptor_stays_open_when_a_step_of_a_mount_fails(
    program: Path, tmp_path: Path, name: str, step: int
) -> None:
    assert call(program, tmp_path, name, str(step)) == (1, 0, 1)


@pytest.mark.parametrize("there", ["w", "tmp"])
def test_no_descriptor_stays_open_when_a_folder_cannot_be_made(
    program: Path, tmp_path: Path, there: str
) -> None:
    (tmp_path / there).mkdir()
    assert call(program, tmp_path, "create_work_tmpfs") == (1, 0, 1)


@pytest.mark.parametrize(
    ("name", "left"),
    [("create_work_tmpfs", 1), ("resize_work_tmpfs", 0), ("clone_tree", 1), ("open_without_path", 1)],
)
def test_after_a_mount_only_the_returned_descriptor_stays_open(
    program: Path, tmp_path: Path, name: str, left: int
) -> None:
    assert call(program, tmp_path, name) == (0, left, 1)
