"""`gavel doctor` gives advice if a sandbox or a limit does not work. `python -m sandbox` prints no error if
its reader ends early."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sandbox.api import FILE_PAGES, Guarantee
from sandbox.doctor import BackendReport, LimitTestResult, advise, is_in_chroot

BROKEN = (BackendReport("launcher", False, reason="making namespaces: EPERM"),)


def test_a_root_that_differs_from_the_first_process_s_root_counts_as_a_chroot(tmp_path: Path) -> None:
    assert is_in_chroot(tmp_path)
    assert not is_in_chroot(Path("/"))
    assert not is_in_chroot(tmp_path / "unreadable")


def test_in_a_chroot_the_doctor_suggests_pivot_root_or_a_container(tmp_path: Path) -> None:
    assert any("pivot_root or a container" in line for line in advise(BROKEN, tmp_path))
    assert not any("chroot" in line for line in advise(BROKEN, Path("/")))


def test_the_doctor_names_the_setting_that_ends_the_sharing_of_file_pages() -> None:
    def advice(enforced_by: str) -> str:
        pages = Guarantee(FILE_PAGES, enforced_by)
        return "\n".join(advise((BackendReport("launcher", True, "full", guarantees=(pages,)),)))

    assert "see GAVEL_OWN_FILES" in advice("nothing")
    assert not advice("FUSE")
    assert not advice("a copy")


def test_if_a_limit_does_not_hold_with_cgroups_the_doctor_does_not_blame_cgroups() -> None:
    broken = LimitTestResult("memory", False, "ended by exit")
    found = "\n".join(advise((BackendReport("launcher", True, "full", tests=(broken,)),)))
    assert "a limit did not hold" in found
    assert "no writable cgroup" not in found


def test_the_sandbox_command_prints_no_error_if_its_reader_ends_early() -> None:
    command = f"{sys.executable} -m sandbox --seccomp native | head -n 1"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (ended.stdout.count("\n"), ended.stderr) == (1, "")
