"""No process trusts a path that another user of the host could have made earlier."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from judge_api import gunicorn_conf, secret_files, wsgi
from judge_api.settings import Settings, SettingsError
from judge_api.supervisor import CannotStart
from judge_api.supervisor.backup import SqliteDatabase, write_backup
from judge_api.supervisor.data_folder import DataFolder
from judge_core.private_folder import private_folder as core_private_folder
from sandbox import CannotIsolate
from sandbox import slot as slot_module
from sandbox.launcher import build
from sandbox.private_folder import private_folder
from workers.settings import WorkerSettings

PRIVATE_FOLDER = [private_folder, core_private_folder]


def become_another_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that this process has another user, so that existing files belong to someone else."""
    uid = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: uid)


@pytest.mark.parametrize("make", PRIVATE_FOLDER)
def test_a_private_folder_is_closed_to_other_users_and_can_be_used_again(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    folder = tmp_path / "new"
    assert make(folder) == make(folder) == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("make", PRIVATE_FOLDER)
@pytest.mark.parametrize("planted", ["folder", "link", "file"])
def test_a_folder_link_or_file_that_another_user_made_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Path], planted: str
) -> None:
    path = tmp_path / "planted"
    if planted == "folder":
        path.mkdir()
    elif planted == "link":
        path.symlink_to(tmp_path)
    else:
        path.touch()
    become_another_user(monkeypatch)
    with pytest.raises((CannotIsolate, OSError)):
        make(path)


@pytest.mark.parametrize("make", PRIVATE_FOLDER)
@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770, 0o702])
def test_a_folder_that_other_users_may_write_to_is_refused(
    tmp_path: Path, make: Callable[[Path], Path], mode: int
) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(mode)
    with pytest.raises((CannotIsolate, OSError), match="may write to"):
        make(tmp_path / "open")


def test_a_link_to_a_folder_is_followed_if_this_user_made_the_link(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert private_folder(tmp_path / "link") == tmp_path / "link"


def test_a_lock_folder_of_slots_that_another_user_made_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "locks").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setattr(slot_module, "_lock_folder", lambda: tmp_path / "locks")
    become_another_user(monkeypatch)
    with pytest.raises(CannotIsolate):
        slot_module.claim_slot(3)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_launcher_from_a_folder_that_other_users_may_write_to_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, sources = tmp_path / "cache", tmp_path / "sources"
    cache.mkdir()
    sources.mkdir()
    (cache / build.NAME).write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\necho {build.source_hash()}\n")
    (cache / build.NAME).chmod(0o755)
    cache.chmod(0o777)
    wanted = build.source_hash()
    monkeypatch.setattr(build, "source_hash", lambda: wanted)
    monkeypatch.setattr(build, "HERE", sources)
    monkeypatch.setattr(build, "_cache_folder", lambda: cache)
    with pytest.raises(CannotIsolate, match="may write to"):
        build.launcher_path()
    assert not (tmp_path / "was-run").exists()


def test_a_worker_s_default_cache_is_its_data_folder_or_the_user_s_own_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cache(**env: str) -> Path:
        return WorkerSettings.from_env({"GAVEL_REDIS_URL": "redis://x", **env}, "normal").cache

    assert cache(GAVEL_CACHE=str(tmp_path)) == tmp_path
    assert cache(GAVEL_DATA=str(tmp_path)) == tmp_path / "cache"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert cache() == Path("/var/cache/gavel")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert cache(HOME="/home/ada") == Path("/home/ada/.cache/gavel")


def test_the_folder_of_the_metrics_is_private_and_its_name_is_not_the_planted_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "private"
    target.mkdir()
    planted = tmp_path / f"gavel-counts-{os.getpid()}"
    planted.symlink_to(target)
    left = tmp_path / "gavel-counts-999999999-abc"
    left.mkdir()
    held = tmp_path / "gavel-counts-999999998-abc"
    held.mkdir()
    fd = os.open(held, os.O_RDONLY)
    # A server in a container may hold the folder. Its process id is unknown on this host, so only its lock
    # shows that.
    fcntl.flock(fd, fcntl.LOCK_EX)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    gunicorn_conf.on_starting(None)
    made = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    assert made.parent == tmp_path and made != planted and not made.is_symlink()
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert not left.exists() and held.exists()
    os.close(fd)
    with pytest.raises(BlockingIOError):
        gunicorn_conf._lock(made)
    gunicorn_conf.on_exit(None)
    assert not made.exists() and planted.is_symlink()


def test_a_data_folder_that_another_user_planted_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / "data").mkdir()
    become_another_user(monkeypatch)
    with pytest.raises(CannotStart, match="was made by user"):
        DataFolder(shared / "data").prepare()
    with pytest.raises(SettingsError, match="GAVEL_DATA"):
        wsgi.build(Settings.from_env({"GAVEL_DATA": str(shared / "data")}))


def test_a_secret_is_not_written_through_a_planted_link(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("untouched")
    (tmp_path / f".secret_key.{os.getpid()}").symlink_to(target)
    assert len(secret_files.stored_secret(tmp_path / "secret_key")) > 40
    assert target.read_text() == "untouched"


def test_a_planted_folder_for_the_socket_of_a_long_path_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deep = DataFolder(tmp_path / ("d" * 60) / ("e" * 60))
    made = deep.redis_socket.parent
    assert made.parent == tmp_path
    made.chmod(0o777)
    with pytest.raises(CannotStart, match="may write to it"):
        _ = deep.redis_socket
    made.rmdir()
    made.symlink_to(tmp_path)
    become_another_user(monkeypatch)
    with pytest.raises(CannotStart, match="shorter path"):
        _ = deep.redis_socket


def test_a_backup_replaces_a_planted_link_and_writes_nothing_through_it(tmp_path: Path) -> None:
    data, target = tmp_path / "data", tmp_path / "target"
    data.mkdir()
    sqlite3.connect(data / "gavel.db").close()
    target.write_text("untouched")
    (tmp_path / "backup.zip").symlink_to(target)
    write_backup(SqliteDatabase(data / "gavel.db"), data, tmp_path / "backup.zip")
    written = (tmp_path / "backup.zip").lstat()
    assert stat.S_ISREG(written.st_mode) and stat.S_IMODE(written.st_mode) == 0o600
    assert target.read_text() == "untouched"
