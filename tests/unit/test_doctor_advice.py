"""`gavel doctor` gives advice if a sandbox or a limit does not work. Its command line is tested too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sandbox.api import FILE_PAGES, Guarantee
from sandbox.doctor import BackendReport, LimitTestResult, advise, is_in_chroot

BROKEN = (BackendReport("launcher", False, reason="making namespaces: EPERM"),)


def test_another_root_than_the_first_process_has_is_a_chroot(tmp_path: Path) -> None:
    assert is_in_chroot(tmp_path)
    assert not is_in_chroot(Path("/"))
    assert not is_in_chroot(tmp_path / "unreadable")


def test_the_advice_in_a_chroot_names_what_works(tmp_path: Path) -> None:
    assert any("pivot_root or a container" in line for line in advise(BROKEN, tmp_path))
    assert not any("chroot" in line for line in advise(BROKEN, Path("/")))


def test_shared_pages_of_files_are_named_with_what_ends_them() -> None:
    def advice(enforced_by: str) -> str:
        pages = Guarantee(FILE_PAGES, enforced_by)
        return "\n".join(advise((BackendReport("launcher", True, "full", guarantees=(pages,)),)))

    assert "see GAVEL_OWN_FILES" in advice("nothing")
    assert not advice("FUSE")
    assert not advice("a copy")


def test_cgroups_are_not_blamed_for_a_limit_that_does_not_hold_with_them() -> None:
    broken = LimitTestResult("memory", False, "ended by exit")
    found = "\n".join(advise((BackendReport("launcher", True, "full", tests=(broken,)),)))
    assert "a limit did not hold" in found
    assert "no writable cgroup" not in found


def test_a_reader_that_ends_early_is_no_error() -> None:
    command = f"{sys.executable} -m sandbox --seccomp native | head -n 1"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (ended.stdout.count("\n"), ended.stderr) == (1, "")
