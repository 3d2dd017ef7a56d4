"""Files with odd names or content stop neither the sweep of caches, nor the builder, nor `gavel up`."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judge_api.services.disk_space import DiskSpace
from judge_api.settings import Settings
from judge_api.supervisor.data_folder import DataFolder, read_credentials
from judge_api.supervisor.orphans import find_orphans
from judge_api.supervisor.redis_files import set_damaged_files_aside
from judge_api.supervisor.seed import _read_fingerprints
from workers.disk_probe import DiskProbe
from workers.judging.compile_cache import CompileCache, CompileInputs
from workers.judging.toolchain_cache import BackgroundBuilder, ImmediateBuilder, ToolchainCache
from workers.package_cache import PackageCache

_HASH = "a" * 64
_OLD = time.time() - 90_000


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _file(path: Path) -> None:
    path.write_bytes(b"\0" * 100)


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _folder_with_odd_names(path: Path) -> None:
    path.mkdir()
    Path(os.fsdecode(os.fsencode(path) + b"/\xff\xfe")).write_bytes(b"x")
    (path / ("n" * 255)).write_bytes(b"x")
    os.mkfifo(path / "fifo")
    (path / "loop").symlink_to("loop")


def _closed_folder(path: Path) -> None:
    path.mkdir(mode=0)


ODD = [_fifo, _file, _loop, _folder_with_odd_names, _closed_folder]


def odd_entries(test: Callable[..., None]) -> Any:
    names = [_HASH, "aa", f".part-{_HASH}", f".draft-{'a' * 16}", "a" * 32, "odd\n\x1b[31m"]
    cases = [
        pytest.param(make, name, id=f"{make.__name__.strip('_')}-{ascii(name)[1:12]}")
        for make in ODD
        for name in names
    ]
    return pytest.mark.parametrize(("make", "name"), cases)(test)


def _poison(folder: Path, make: Callable[[Path], None], name: str) -> None:
    folder.mkdir()
    make(folder / name)
    os.utime(folder / name, (_OLD, _OLD), follow_symlinks=False)


@odd_entries
def test_an_odd_entry_in_a_cache_folder_stops_no_sweep(
    tmp_path: Path, make: Callable[[Path], None], name: str
) -> None:
    folder = tmp_path / "cache"
    _poison(folder, make, name)
    compiled = CompileCache(folder, max_bytes=1)
    compiled.sweep()
    inputs = CompileInputs("gcc 12", ("gcc",), (), (("a.c", "0" * 64),))
    made = compiled.put(inputs, {"program": b"x"}, "")
    assert made.folder is not None
    packages = PackageCache(folder, "http://127.0.0.1:9", "token", max_bytes=1)
    packages._remove_leftovers()
    packages.sweep()
    ToolchainCache(folder, ImmediateBuilder(None), max_bytes=1).sweep()  # type: ignore[arg-type]


def test_a_later_task_of_the_toolchain_builder_is_done_after_tasks_have_failed() -> None:
    class Slot:
        def close(self) -> None:
            """Do nothing, because nothing is open."""

    done = threading.Event()
    builder = BackgroundBuilder(Slot)  # type: ignore[arg-type]
    for error in (ValueError("a name that no file has"), RecursionError(), OSError("away")):

        def fail(_sandbox: object, error: Exception = error) -> None:
            raise error

        builder.build(fail)
    builder.build(lambda _sandbox: done.set())
    assert done.wait(30)
    builder.close()


CONTENTS = {
    "nothing": b"",
    "zeros": bytes(4096),
    "no-text": bytes(range(256)),
    "half": b'{"url": "http',
    "another-shape": b'[1, {"name": 3}, null]',
    "odd-values": json.dumps({"url": 1, "accounts": [], "processes": "x"}).encode(),
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_files_of_the_data_folder_with_odd_content_are_ignored_or_made_again(
    tmp_path: Path, content: bytes
) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    for name in ("credentials.json", "processes.json", "secret_key", "sample-problems.json"):
        (tmp_path / name).write_bytes(content)
    assert read_credentials(folder.credentials) is None
    assert find_orphans(folder) == []
    assert isinstance(_read_fingerprints(folder), dict)
    assert len(folder.secret("secret_key")) >= 32
    assert set_damaged_files_aside(folder, content.decode("latin-1")) is None


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_damaged_files_of_redis_with_odd_content_are_set_aside(tmp_path: Path, content: bytes) -> None:
    folder = DataFolder(tmp_path)
    folder.prepare()
    append_only = folder.redis / "appendonlydir"
    append_only.mkdir()
    for name in ("appendonly.aof.manifest", "appendonly.aof.1.incr.aof", "odd\xff"):
        (append_only / name).write_bytes(content)
    done = set_damaged_files_aside(folder, "Bad file format reading the append only file")
    assert done is not None
    assert len(list(tmp_path.glob("redis-damaged-*"))) == 1


def test_the_check_of_the_disks_works_with_odd_entries_in_the_data_folder(tmp_path: Path) -> None:
    (tmp_path / "redis-damaged-x").symlink_to("nowhere")
    (tmp_path / "cache").write_text("a file")
    space = DiskSpace(Settings.from_env({"GAVEL_DATA": str(tmp_path)}))
    assert space.fault() is None
    assert space.to_json()["disks"]
    assert DiskProbe((tmp_path / "cache",), 0).fault() is not None
