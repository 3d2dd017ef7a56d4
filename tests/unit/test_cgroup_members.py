"""Cgroups are found among the mounts of any host, and only visible members are signalled."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sandbox.cgroups import cgroupfs, version2


def test_a_cgroup_member_without_a_visible_process_id_is_not_signalled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cgroup.procs").write_text("0\n41\n0\n42\n")
    ended: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: ended.append(pid))
    cgroupfs._kill_members(tmp_path)
    assert ended == [41, 42]


MOUNTS = b"""\
/dev/sda1 / ext4 rw 0 0
/dev/sdb1 /media/caf\xe9 vfat rw 0 0
/dev/sdc1 /media/two\xe3\x80\x80words vfat rw 0 0
/dev/sdd1 /media/form\x0cfeed vfat rw 0 0
cgroup2 /srv/my\\040cgroups cgroup2 rw,nsdelegate 0 0
"""


def test_the_cgroup_mount_is_found_among_mounts_with_unusual_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_bytes(MOUNTS)
    monkeypatch.setattr(cgroupfs, "_MOUNTS", mounts)
    assert list(cgroupfs.cgroup_mounts()) == [("cgroup2", "/srv/my cgroups", {"rw", "nsdelegate"})]


def test_a_process_that_starts_while_members_of_a_cgroup_are_moved_is_moved_too(tmp_path: Path) -> None:
    """The kernel refuses to enable controllers while the cgroup has a process of its own."""
    members, started = ["41", "42"], ["43", "44"]

    class Cgroup(type(tmp_path)):  # type: ignore[misc]
        def read_text(self, *_arguments: object, **_options: object) -> str:
            return "\n".join(members) if self.name == "cgroup.procs" else ""

        def write_text(self, text: str, *_arguments: object, **_options: object) -> int:
            if self.name == "cgroup.procs":
                members.remove(text)
                members.extend([started.pop()] if started else [])
            elif members:
                raise OSError(errno.EBUSY, "Device or resource busy")
            return len(text)

    version2._enable_controllers(Cgroup(tmp_path))
    assert members == started == []
