"""Redis starts again after a power cut has damaged its append-only files. The damaged files are kept."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from judge_api.supervisor.console import Console
from judge_api.supervisor.data_folder import DataFolder
from judge_api.supervisor.process_manager import ProcessManager
from judge_api.supervisor.process_specs import redis_spec
from judge_api.supervisor.redis_files import damaged_folders, readable_bytes
from judge_api.supervisor.redis_server import find_redis, redis_url, wait_for_redis

WRITES = 300


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a Redis whose log was rewritten. The base file has keys, and a list was written after
    it."""
    folder = DataFolder(tmp_path_factory.mktemp("intact"))
    folder.prepare()
    manager = start(folder)
    redis = client(folder)
    for number in range(WRITES):
        redis.set(f"key:{number}", "v" * 100)
    redis.execute_command("BGREWRITEAOF")
    wait_for_rewrite(redis)
    for _ in range(WRITES):
        redis.rpush("list", "v" * 100)
    manager.stop()
    return folder.redis


@pytest.fixture
def folder(intact: Path, tmp_path: Path) -> Iterator[DataFolder]:
    made = DataFolder(tmp_path / "data")
    made.prepare()
    shutil.rmtree(made.redis)
    shutil.copytree(intact, made.redis)
    yield made


def start(folder: DataFolder) -> ProcessManager:
    manager = ProcessManager(Console(), lambda _processes: None)
    manager.start(redis_spec(find_redis(os.defpath), folder, os.environ))
    wait_for_redis(redis_url(folder), manager.check)
    return manager


def client(folder: DataFolder) -> Redis:
    return Redis.from_url(redis_url(folder))


def wait_for_rewrite(redis: Redis) -> None:
    while redis.info("persistence")["aof_rewrite_in_progress"]:
        pass


def zero(path: Path, at: int, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(at, os.SEEK_END if at < 0 else os.SEEK_SET)
        file.write(bytes(length))


def only(folder: DataFolder, pattern: str) -> Path:
    [path] = folder.redis.glob(f"appendonlydir/{pattern}")
    return path


def zeros_at_the_end(folder: DataFolder) -> None:
    zero(only(folder, "*.incr.aof"), -4096, 4096)


def zeros_after_the_end(folder: DataFolder) -> None:
    with only(folder, "*.incr.aof").open("ab") as file:
        file.write(bytes(8192))


def zeros_in_the_middle(folder: DataFolder) -> None:
    zero(only(folder, "*.incr.aof"), 12000, 4096)


def a_zeroed_log(folder: DataFolder) -> None:
    path = only(folder, "*.incr.aof")
    zero(path, 0, path.stat().st_size)


def a_cut_base(folder: DataFolder) -> None:
    path = only(folder, "*.base.aof")
    os.truncate(path, path.stat().st_size - 5)


def a_missing_base(folder: DataFolder) -> None:
    only(folder, "*.base.aof").unlink()


def an_empty_manifest(folder: DataFolder) -> None:
    os.truncate(only(folder, "*.manifest"), 0)


def a_zeroed_manifest(folder: DataFolder) -> None:
    only(folder, "*.manifest").write_bytes(bytes(80))


def an_unknown_command(folder: DataFolder) -> None:
    with only(folder, "*.incr.aof").open("ab") as file:
        file.write(b"*1\r\n$7\r\nNOTHING\r\n")


DAMAGES = [
    (zeros_at_the_end, WRITES, WRITES - 40),
    (zeros_after_the_end, WRITES, WRITES),
    (zeros_in_the_middle, WRITES, 50),
    (a_zeroed_log, WRITES, 0),
    (a_cut_base, WRITES - 1, 0),
    (a_missing_base, 0, 0),
    (an_empty_manifest, 0, 0),
    (a_zeroed_manifest, 0, 0),
    (an_unknown_command, 0, 0),
]


@pytest.mark.parametrize(("damage", "keys", "items"), DAMAGES)
def test_redis_starts_with_its_readable_commands_and_the_damaged_files_are_kept(
    folder: DataFolder, damage: Callable[[DataFolder], None], keys: int, items: int
) -> None:
    damage(folder)
    before = {path.name: path.read_bytes() for path in (folder.redis / "appendonlydir").iterdir()}
    manager = start(folder)
    try:
        redis = client(folder)
        assert len(list(redis.scan_iter("key:*", count=1000))) >= keys
        assert int(redis.llen("list")) >= items
        redis.set("still", "writes")
    finally:
        manager.stop()
    damaged = damaged_folders(folder.root)
    kept = {path.name: path.read_bytes() for path in (damaged[-1] / "appendonlydir").iterdir()}
    # A kept file may be shorter than before, because Redis itself cuts off an incomplete command.
    assert {name: before[name].startswith(content) for name, content in kept.items()} == dict.fromkeys(
        before, True
    )
    again = start(folder)
    try:
        assert client(folder).get("still") == b"writes"
    finally:
        again.stop()
    assert damaged_folders(folder.root) == damaged


def test_intact_files_of_redis_are_not_set_aside(folder: DataFolder) -> None:
    manager = start(folder)
    assert client(folder).llen("list") == WRITES
    manager.stop()
    assert damaged_folders(folder.root) == []


@pytest.mark.parametrize(
    ("content", "length"),
    [
        (b"", 0),
        (b"*1\r\n$4\r\nPING\r\n", 14),
        (b"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPI", 14),
        (b"#TS:1\r\n*1\r\n$4\r\nPING\r\n\0\0\0", 21),
        (b"*1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nPING\r\n", 0),
        (b"*1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n", 29),
        (b"*-1\r\n", 0),
        (b"*1\r\n$-4\r\nPING\r\n", 0),
        (b"*0\r\n", 0),
        (b"*99999999999999999999999999999999\r\n", 0),
    ],
)
def test_only_the_bytes_of_complete_redis_commands_are_counted(content: bytes, length: int) -> None:
    assert readable_bytes(content) == length
