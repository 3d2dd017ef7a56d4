"""All members of a cgroup are ended by their process ids."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.cgroups import cgroupfs


def test_a_member_of_another_pid_namespace_does_not_end_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cgroup.procs").write_text("0\n41\n0\n42\n")
    ended: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: ended.append(pid))
    cgroupfs._kill_members(tmp_path)
    assert ended == [41, 42]
