"""Hostile sources and other workers cannot change a result in the compile cache."""

from __future__ import annotations

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from workers.judging.compile_cache import CompileCache, CompileInputs, UnstorableProgram
from workers.judging.shared_cache_folder import bytes_below, remove_stale_drafts

MIB = 1 << 20


def recipe(name: str) -> CompileInputs:
    return CompileInputs("gcc 12", ("gcc", name), (), ((name, "0" * 64),))


def keep(cache: CompileCache, name: str, size: int = 1000) -> Path:
    made = cache.put(recipe(name), {"program": bytes(size)}, "")
    assert made.folder is not None
    return made.folder


def age(program: Path, seconds: float) -> None:
    os.utime(program.parent / "entry.json", (time.time() - seconds,) * 2)


def dig(folder: Path) -> None:
    """Make nested folders whose path is too long to be opened. Earlier releases could leave such folders in
    the cache."""
    fd = os.open(folder, os.O_RDONLY)
    for _ in range(20):
        os.mkdir("d" * 245, dir_fd=fd)
        deeper = os.open("d" * 245, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = deeper
    os.close(os.open("x", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
    os.close(fd)


def test_a_cache_entry_whose_paths_are_too_long_to_open_is_removed(tmp_path: Path) -> None:
    cache = CompileCache(tmp_path)
    evil = keep(cache, "evil")
    dig(evil)
    assert CompileCache(tmp_path).put(recipe("honest"), {"program": b"x"}, "").folder is not None
    assert not evil.exists()
    assert list(tmp_path.glob(".draft-*")) == []


def test_a_lookup_of_an_entry_whose_paths_are_too_long_to_open_finds_nothing(tmp_path: Path) -> None:
    cache = CompileCache(tmp_path)
    dig(keep(cache, "evil"))
    assert cache.get(recipe("evil")) is None
    keep(cache, "evil")
    assert cache.get(recipe("evil")) is not None


def test_the_compile_cache_works_again_after_an_operator_has_deleted_its_folder(tmp_path: Path) -> None:
    cache = CompileCache(tmp_path / "compiled")
    keep(cache, "first")
    shutil.rmtree(tmp_path / "compiled")
    assert cache.get(recipe("first")) is None
    keep(cache, "first")
    assert cache.get(recipe("first")) is not None
    assert (tmp_path / "compiled").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("solution.pl", "solution.pl/x"), "solution.pl is a file and a folder"),
        (("a/b", "a/b/c/d", "e"), "a/b is a file and a folder"),
        (("/".join(["d" * 245] * 16),), "path of a file in it is longer"),
        (("f" * 256,), "name of a file in it is longer"),
        (("",), "not a path inside"),
        (("/etc/x",), "not a path inside"),
    ],
)
def test_a_program_that_cannot_be_stored_in_the_cache_is_refused_with_the_reason(
    tmp_path: Path, names: tuple[str, ...], words: str
) -> None:
    with pytest.raises(UnstorableProgram, match=words):
        CompileCache(tmp_path).put(recipe("a"), dict.fromkeys(names, b"x"), "")
    assert list(tmp_path.iterdir()) == []


def test_a_program_with_a_file_name_that_is_not_utf8_is_cached(tmp_path: Path) -> None:
    cache = CompileCache(tmp_path)
    cache.put(recipe("odd"), {os.fsdecode(b"\xff\xfe"): b"x"}, "")
    assert cache.get(recipe("odd")) is not None


def test_a_compile_cache_of_8_mib_that_gets_40_mib_at_once_holds_at_most_9_mib(tmp_path: Path) -> None:
    cache = CompileCache(tmp_path, max_bytes=8 * MIB)
    for number in range(40):
        keep(cache, str(number), MIB)
    assert bytes_below(tmp_path) <= 9 * MIB
    assert cache.get(recipe("39")) is not None


def test_empty_files_in_the_compile_cache_count_with_their_disk_space(tmp_path: Path) -> None:
    cache = CompileCache(tmp_path, max_bytes=MIB)
    for number in range(20):
        cache.put(recipe(str(number)), {str(each): b"" for each in range(100)}, "")
    assert len(list(tmp_path.glob("??/*"))) <= 3


@pytest.mark.parametrize("get", [False, True], ids=["just made", "found"])
def test_a_cache_entry_in_use_is_not_removed_even_if_the_cache_is_over_its_bound(
    tmp_path: Path, get: bool
) -> None:
    cache, other = CompileCache(tmp_path, max_bytes=MIB), CompileCache(tmp_path, max_bytes=1)
    held = cache.put(recipe("held"), {"program": b"x"}, "")
    held = cache.get(recipe("held")) or held if get else held
    assert held.folder is not None
    age(held.folder, 7200)
    fresh = keep(cache, "fresh")
    other.sweep()
    assert (held.folder.exists(), fresh.exists()) == (True, False)
    del held
    other.sweep()
    assert list(tmp_path.glob("??/*")) == []


def test_the_cache_removes_a_large_program_before_many_small_programs(tmp_path: Path) -> None:
    cache = CompileCache(tmp_path, max_bytes=2 * MIB)
    small = [keep(cache, str(number)) for number in range(10)]
    for path in small:
        age(path, 3600)
    keep(cache, "large", MIB)
    keep(cache, "larger", MIB)
    keep(cache, "another", 100_000)
    assert all(path.exists() for path in small)


def test_workers_may_sweep_and_fill_the_compile_cache_at_the_same_time(tmp_path: Path) -> None:
    def work(number: int) -> None:
        cache = CompileCache(tmp_path, max_bytes=40_000)
        for each in range(60):
            name = str((each * 7 + number) % 12)
            made = cache.get(recipe(name)) or cache.put(recipe(name), {"program": b"x" * 5000}, "")
            assert made.folder is not None
            # The cache does not remove an entry while ``made``, which refers to the entry, exists.
            assert (made.folder / "program").stat().st_size == 5000

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))


def test_a_sweep_of_the_compile_cache_raises_no_error_for_an_odd_file_or_a_missing_folder(
    tmp_path: Path,
) -> None:
    cache = CompileCache(tmp_path, max_bytes=1)
    keep(cache, "a")
    (tmp_path / "aa").mkdir(exist_ok=True)
    (tmp_path / "aa" / "a file, where entries are").write_text("x")
    cache.sweep()
    shutil.rmtree(tmp_path)
    cache.sweep()


def test_a_draft_is_removed_if_its_worker_has_ended_and_not_because_of_its_age(tmp_path: Path) -> None:
    with CompileCache(tmp_path).draft() as draft:
        left = tmp_path / ".draft-left"
        left.mkdir()
        long_ago = (time.time() - 3600,) * 2
        for path in (draft, left):
            os.utime(path, long_ago)
        remove_stale_drafts(tmp_path, time.time())
        assert (draft.exists(), left.exists()) == (True, False)
