"""Temporary files of processes that died are removed, and those of running processes stay."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import pytest

from judge_api.supervisor.backup import BackupError, SqliteDatabase, restore_backup, write_backup
from judge_api.supervisor.backup_place import BucketBackup
from judge_api.supervisor.data_folder import DataFolder
from judge_core.leftovers import remove_leftovers
from tests.unit.test_object_packages import MemoryStorage

DAY = 86_400


def make(path: Path, age_seconds: float, is_folder: bool = True) -> Path:
    """A folder with a file, or a file, that was last changed some time ago."""
    if is_folder:
        path.mkdir()
        (path / "part").write_bytes(b"a part")
    else:
        path.write_bytes(b"a part")
    os.utime(path, (time.time() - age_seconds,) * 2)
    return path


@pytest.mark.parametrize("is_folder", [True, False], ids=["folder", "file"])
def test_only_old_entries_with_the_prefix_are_removed(tmp_path: Path, is_folder: bool) -> None:
    old, new = make(tmp_path / ".part-a", DAY + 60, is_folder), make(tmp_path / ".part-b", 60, is_folder)
    other = make(tmp_path / "part-c", DAY + 60, is_folder)
    remove_leftovers(tmp_path, [".part-"])
    assert [path.exists() for path in (old, new, other)] == [False, True, True]
    remove_leftovers(tmp_path / "missing", [".part-"])


def test_the_target_of_an_old_link_is_not_removed(tmp_path: Path) -> None:
    target, link = make(tmp_path / "target", DAY + 60), tmp_path / ".part-link"
    link.symlink_to(target)
    os.utime(link, (time.time() - DAY - 60,) * 2, follow_symlinks=False)
    remove_leftovers(tmp_path, [".part-"])
    assert not link.is_symlink()
    assert (target / "part").exists()


def test_a_backup_removes_the_files_of_an_interrupted_backup(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    sqlite3.connect(data / "gavel.db").close()
    left, running = make(tmp_path / ".gavel-backup-a", DAY + 60), make(tmp_path / ".gavel-backup-b", 60)
    write_backup(SqliteDatabase(data / "gavel.db"), data, tmp_path / "backup.zip")
    assert (left.exists(), running.exists()) == (False, True)


def test_a_backup_into_a_bucket_removes_the_files_of_an_interrupted_backup(tmp_path: Path) -> None:
    left = make(tmp_path / ".backup-a", DAY + 60)
    bucket = MemoryStorage()
    with BucketBackup(bucket, "s3://judge/", "gavel.zip", tmp_path).writing() as file:
        file.write_bytes(b"a backup")
    assert bucket.objects == {"gavel.zip": b"a backup"}
    assert not left.exists()


def test_restoring_removes_the_files_of_an_interrupted_restore(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    left = make(folder.root / ".restoring-a", DAY + 60)
    (tmp_path / "backup.zip").write_bytes(b"no zip")
    with pytest.raises(BackupError):
        restore_backup(SqliteDatabase(folder.root / "gavel.db"), tmp_path / "backup.zip", folder)
    assert not left.exists()
