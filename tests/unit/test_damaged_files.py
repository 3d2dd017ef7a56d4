"""Files that were zeroed, cut, replaced or removed are noticed wherever they are used, and made again."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from judge_api.secret_files import stored_secret
from judge_api.supervisor.data_folder import DataFolder
from judge_core.messages import PackageRef
from tests.support.sample_problem import store_sum
from workers import package_cache
from workers.judging import compile_cache, shared_cache_folder
from workers.judging.compile_cache import CompileCache, CompileInputs
from workers.judging.errors import FilesChanged, PackageUnavailable
from workers.judging.shared_cache_folder import FolderLock, VerifiedFolder, evict, stamps_below
from workers.package_cache import PackageCache


def recipe(name: str = "a") -> CompileInputs:
    return CompileInputs("gcc 12", ("gcc", name), (), ((name, "0" * 64),))


def zeroed(path: Path) -> None:
    """Overwrite a file with zeros. After a power cut a file may have the right size, but not its content."""
    path.write_bytes(bytes(path.stat().st_size))


def zeroed_under_its_old_times(path: Path) -> None:
    facts = path.stat()
    zeroed(path)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def removed(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(bytes(path.stat().st_size))
    other.replace(path)


def more(path: Path) -> None:
    path.with_name("one-more").write_bytes(b"x")


DAMAGES = [zeroed, zeroed_under_its_old_times, cut, emptied, removed, replaced, more]


@pytest.mark.parametrize("is_known", [True, False], ids=["by the process that knew it", "by a new process"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_program_in_the_compile_cache_is_not_returned(
    tmp_path: Path, damage: Callable[[Path], None], is_known: bool
) -> None:
    cache = CompileCache(tmp_path)
    made = cache.put(recipe(), {"program": b"the program"}, "")
    assert made.folder is not None and made.verified is not None and made.verified.is_intact
    if is_known:
        assert cache.get(recipe()) is not None
    damage(made.folder / "program")
    assert not made.verified.is_intact
    assert (cache if is_known else CompileCache(tmp_path)).get(recipe()) is None
    again = cache.put(recipe(), {"program": b"the program"}, "")
    assert again.folder is not None and (again.folder / "program").read_bytes() == b"the program"
    assert cache.get(recipe()) is not None


@pytest.mark.parametrize("damage", [zeroed, cut, emptied, removed])
def test_a_damaged_record_of_a_compile_error_counts_as_missing(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    CompileCache(tmp_path).put(recipe(), None, "an error")
    [record] = tmp_path.glob("??/*/entry.json")
    damage(record)
    assert CompileCache(tmp_path).get(recipe()) is None


def test_a_lookup_finds_nothing_if_the_entry_is_replaced_before_its_lock_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is then on the folder that was evicted. The new folder with the same name is not locked."""
    cache, other = CompileCache(tmp_path), CompileCache(tmp_path)
    made = cache.put(recipe(), {"program": b"x"}, "")
    assert made.folder is not None
    entry = made.folder.parent
    del made

    class LateLock(FolderLock):
        """A lock before which another worker evicts the folder and makes it again."""

        def __init__(self, folder: Path | str) -> None:
            super().__init__(folder)
            if Path(folder) == entry and not late:
                late.append(True)
                entry.rename(tmp_path / "evicted")
                other.put(recipe(), {"program": b"x"}, "")

    late: list[bool] = []
    monkeypatch.setattr(compile_cache, "FolderLock", LateLock)
    found = cache.get(recipe())
    assert late and found is None
    found = cache.get(recipe())
    assert found is not None and not evict(entry, tmp_path)


def test_an_eviction_does_not_remove_a_folder_that_was_replaced_before_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "entry"
    folder.mkdir()
    locked = fcntl.flock

    def lock_late(fd: int, how: int) -> None:
        folder.rename(tmp_path / "gone")
        folder.mkdir()
        locked(fd, how)

    monkeypatch.setattr(fcntl, "flock", lock_late)
    assert not evict(folder, tmp_path)
    assert folder.is_dir()


Packages = tuple[Callable[[], PackageCache], PackageRef]


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packages:
    """Makes package caches of several worker processes over the same folder. They copy the server's file from
    this disk."""
    stored = store_sum(tmp_path / "library")
    ref = PackageRef("aplusb", stored.hash)
    _use_local_server(monkeypatch, tmp_path, ref)
    return lambda: PackageCache(tmp_path / "cache", "http://nowhere", ""), ref


def _use_local_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ref: PackageRef) -> None:
    archive = tmp_path / "library" / f"{ref.hash}.zip"
    monkeypatch.setattr(PackageCache, "_download", lambda self, ref: _copy(archive, tmp_path / "part"))


def _copy(source: Path, target: Path) -> Path:
    shutil.copyfile(source, target)
    return target


@pytest.mark.parametrize("is_known", [True, False], ids=["by the process that knew it", "by a new process"])
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["problem.yaml", "data/secret/*.in", "data/secret/*.ans"])
def test_a_damaged_package_is_fetched_again(
    packages: Packages,
    damage: Callable[[Path], None],
    name: str,
    is_known: bool,
) -> None:
    open_cache, ref = packages
    cache = open_cache()
    found = cache.fetch(ref)
    path = sorted(found.folder.glob(name))[0]
    digest = hashlib.sha256(path.read_bytes()).digest()
    damage(path)
    assert not found.is_intact
    again = (cache if is_known else open_cache()).fetch(ref)
    assert again.is_intact
    assert hashlib.sha256(path.read_bytes()).digest() == digest


_STEPS = (
    "unpack",
    "_make_readable",
    "stamps_below",
    "_differing_files",
    "_write_record",
    "sync_file_system",
)
"""The steps of storing a package, in their order."""


def _damage_during(
    monkeypatch: pytest.MonkeyPatch, step: str, find: Callable[[], Path], damage: Callable[[Path], None]
) -> None:
    """Let a file be damaged when the cache has done this step of storing a package."""
    done = getattr(package_cache, step)

    def step_and_damage(*arguments: Any) -> Any:
        answer = done(*arguments)
        damage(find())
        return answer

    monkeypatch.setattr(package_cache, step, step_and_damage)


@pytest.mark.parametrize("damage", [zeroed, zeroed_under_its_old_times, cut, removed])
@pytest.mark.parametrize("step", _STEPS)
def test_a_file_that_is_damaged_while_its_package_is_stored_is_noticed(
    packages: Packages,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    damage: Callable[[Path], None],
) -> None:
    open_cache, ref = packages
    pattern = "*/content/*/data/secret/*.in"
    _damage_during(monkeypatch, step, lambda: sorted((tmp_path / "cache").glob(pattern))[0], damage)
    with suppress(FilesChanged, PackageUnavailable):
        assert not open_cache().fetch(ref).is_intact
    monkeypatch.undo()
    for cache in (open_cache(), open_cache()):
        with pytest.MonkeyPatch.context() as local:
            _use_local_server(local, tmp_path, ref)
            found = cache.fetch(ref)
            assert found.is_intact
            assert all(each.read_bytes().strip(b"\0") for each in found.folder.glob("data/secret/*.in"))


def test_a_package_with_file_names_in_the_form_of_macos_is_intact(packages: Packages, tmp_path: Path) -> None:
    open_cache, ref = packages
    archive = tmp_path / "library" / f"{ref.hash}.zip"
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr("aplusb/XX.txt", "words")
    archive.write_bytes(archive.read_bytes().replace(b"aplusb/XX.txt", "aplusb/ü.txt".encode()))
    found = open_cache().fetch(ref)
    assert found.is_intact
    assert (found.folder / "ü.txt").read_text() == "words"


def test_a_package_that_is_damaged_before_its_first_use_is_noticed(
    packages: Packages, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_cache, ref = packages
    sweep, name = PackageCache.sweep, "data/secret/*.in"

    def sweep_late(cache: PackageCache) -> None:
        zeroed(sorted((cache._folder / ref.hash).glob(f"*/{name}"))[0])
        sweep(cache)

    cache = open_cache()
    with monkeypatch.context() as changed:
        changed.setattr(PackageCache, "sweep", sweep_late)
        assert not cache.fetch(ref).is_intact
    assert sorted(cache.fetch(ref).folder.glob(name))[0].read_bytes().strip(b"\0")


@pytest.mark.parametrize("damage", [zeroed, cut, emptied, removed])
def test_a_package_with_a_damaged_record_is_fetched_again(
    packages: Packages, damage: Callable[[Path], None]
) -> None:
    open_cache, ref = packages
    record = open_cache().fetch(ref).folder.parent / ".files.json"
    damage(record)
    assert open_cache().fetch(ref).is_intact


@pytest.mark.parametrize("is_zeroed", [True, False])
def test_after_a_restart_of_the_host_the_hashes_of_a_package_are_compared(
    packages: Packages, is_zeroed: bool
) -> None:
    """A disk may lose content after it has confirmed the write. Then the times of the files are right and the
    content is not."""
    open_cache, ref = packages
    folder = open_cache().fetch(ref).folder
    record = folder.parent / ".files.json"
    if is_zeroed:
        zeroed(sorted(folder.glob("data/secret/*.in"))[0])
    known = json.loads(record.read_text())
    known |= {"boot": "another", "seals": stamps_below(folder)}
    record.write_text(json.dumps(known))
    before = folder.stat().st_ctime_ns
    again = open_cache().fetch(ref)
    assert sorted(again.folder.glob("data/secret/*.in"))[0].read_bytes().strip(b"\0")
    assert (again.folder.stat().st_ctime_ns == before) != is_zeroed


def test_a_package_in_use_is_not_evicted(packages: Packages, tmp_path: Path) -> None:
    open_cache, ref = packages
    cache = open_cache()
    found = cache.fetch(ref)
    os.utime(found.folder.parent, (0, 1))
    small = PackageCache(tmp_path / "cache", "http://nowhere", "", max_bytes=1)
    small.sweep()
    assert found.is_intact
    del cache
    small.sweep()
    assert not found.folder.exists()


def test_each_of_six_workers_that_find_a_damaged_package_at_once_gets_an_intact_package(
    packages: Packages,
) -> None:
    open_cache, ref = packages
    zeroed(open_cache().fetch(ref).folder / "problem.yaml")
    ready = threading.Barrier(6)

    def fetch(_number: int) -> VerifiedFolder:
        cache = open_cache()
        ready.wait()
        return cache.fetch(ref)

    with ThreadPoolExecutor(6) as pool:
        assert all(found.is_intact for found in pool.map(fetch, range(6)))


@pytest.mark.parametrize("content", [b"", bytes(44), b"short", b"\n"])
def test_a_secret_that_a_power_cut_has_damaged_is_made_again(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret_key"
    path.write_bytes(content)
    secret = stored_secret(path)
    assert len(secret) >= 32 and secret.isprintable()
    assert stored_secret(path) == secret == DataFolder(tmp_path).secret("secret_key")
    path.write_bytes(content)
    assert len(DataFolder(tmp_path).secret("secret_key")) >= 32


def _add_file(folder: Path) -> None:
    (folder / "empty" / "new").write_text("x")


def _change_file(folder: Path) -> None:
    (folder / "below" / "one").write_text("other")


def _replace_file(folder: Path) -> None:
    replaced(folder / "below" / "one")


def _remove_file(folder: Path) -> None:
    (folder / "below" / "one").unlink()


def _add_folder_with_file(folder: Path) -> None:
    (folder / "further").mkdir()
    (folder / "further" / "new").write_text("x")


@pytest.mark.parametrize(
    "change", [_add_file, _change_file, _replace_file, _remove_file, _add_folder_with_file, shutil.rmtree]
)
@pytest.mark.parametrize("is_listed", [False, True], ids=["before", "after a listing that is trusted"])
def test_a_verified_folder_is_not_intact_after_a_file_or_folder_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None], is_listed: bool
) -> None:
    folder = tmp_path / "verified"
    for name in ("below", "empty"):
        (folder / name).mkdir(parents=True)
    (folder / "below" / "one").write_text("1")
    verified = VerifiedFolder(folder, stamps_below(folder))
    if is_listed:
        monkeypatch.setattr(shared_cache_folder, "_CLOCK_STEP_NS", -1)
        _await_next_step(folder)
        assert verified.is_intact
        assert verified.is_intact
    change(folder)
    assert not verified.is_intact


def _await_next_step(folder: Path) -> None:
    """Wait until the file system's clock has moved on, so that a change of the folder gets a new time."""
    probe = folder.parent / "probe"
    probe.touch()
    while probe.stat().st_ctime_ns <= max(path.stat().st_ctime_ns for path in (folder, *folder.rglob("*"))):
        probe.touch()


def test_a_verified_folder_is_intact_although_its_own_times_were_set(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("1")
    verified = VerifiedFolder(tmp_path, stamps_below(tmp_path))
    assert verified.is_intact
    os.utime(tmp_path)
    assert verified.is_intact
