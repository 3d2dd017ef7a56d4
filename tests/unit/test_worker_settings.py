"""A worker's settings: the copy of the system that its boxes use."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.settings import SettingsError, WorkerSettings


def box_root(value: str) -> Path:
    env = {"GAVEL_REDIS_URL": "unix:///r", "GAVEL_CACHE": "/tmp/c", "GAVEL_BOX_ROOT": value}
    return WorkerSettings.from_env(env, "normal").box_root


def test_boxes_use_the_hosts_own_files_unless_a_copy_is_named(tmp_path: Path) -> None:
    (tmp_path / "usr").mkdir()
    assert box_root("") == Path("/")
    assert box_root(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("wrong", ["copy", "/proc", "/does/not/exist"])
def test_a_copy_without_usr_is_refused_with_the_cure(wrong: str) -> None:
    with pytest.raises(
        SettingsError, match=r"GAVEL_BOX_ROOT=.*must be an absolute path of a folder that holds usr"
    ):
        box_root(wrong)
