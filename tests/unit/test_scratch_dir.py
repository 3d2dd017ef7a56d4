"""Two workers never write the outputs of their runs to the same folder, even if they share a cache."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from workers.scratch_dir import claim_scratch_dir

_HOLD = "import sys, pathlib; from workers.scratch_dir import claim_scratch_dir; "
_HOLD += "held = claim_scratch_dir(pathlib.Path(sys.argv[1]), 0); print(held.folder, flush=True); "
_HOLD += "sys.stdin.read()"


def test_a_worker_gets_the_scratch_folder_of_its_slot_and_gets_the_same_folder_after_a_release(
    tmp_path: Path,
) -> None:
    first = claim_scratch_dir(tmp_path, 3)
    assert first.folder.name == "slot-3"
    first.release()
    again = claim_scratch_dir(tmp_path, 3)
    assert again.folder == first.folder
    again.release()


def test_two_workers_with_the_same_slot_get_different_scratch_folders(tmp_path: Path) -> None:
    first, second = claim_scratch_dir(tmp_path, 0), claim_scratch_dir(tmp_path, 0)
    assert first.folder != second.folder
    first.release()
    second.release()


def test_the_scratch_folder_of_a_killed_worker_can_be_used_again(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        held = Path(other.stdout.readline().strip())
        mine = claim_scratch_dir(tmp_path, 0)
        assert mine.folder != held
        other.kill()
        other.wait()
    assert claim_scratch_dir(tmp_path, 0).folder == held
    mine.release()
