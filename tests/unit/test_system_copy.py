"""If FUSE is missing, a slot gets a copy of the system."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sandbox import MIB, system_copy
from sandbox.errors import CannotServeFiles
from sandbox.rootfs import root_entries
from sandbox.system_copy import copy_system


@pytest.fixture
def system(tmp_path: Path) -> Path:
    root = tmp_path / "system"
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / "tool").write_bytes(b"tool")
    (root / "usr" / "bin" / "tool").chmod(0o4755)
    (root / "usr" / "bin" / "same").hardlink_to(root / "usr" / "bin" / "tool")
    (root / "usr" / "empty").mkdir()
    (root / "usr" / "bin" / "link").symlink_to("tool")
    (root / "bin").symlink_to("usr/bin")
    (root / "etc").mkdir()
    (root / "etc" / "ld.so.cache").write_bytes(b"cache")
    (root / "etc" / "shadow").write_bytes(b"secret")
    return root


def test_a_copy_of_the_system_has_the_files_that_boxes_see_and_no_other_files(
    system: Path, tmp_path: Path
) -> None:
    copy = copy_system(tmp_path / "copies", MIB, system)
    found = {
        str(path.relative_to(copy)) for path in copy.rglob("*") if not path.is_dir() or path.is_symlink()
    }
    assert found == {"bin", "usr/bin/tool", "usr/bin/same", "usr/bin/link", "etc/ld.so.cache"}
    assert (copy / "bin").readlink() == Path("usr/bin")
    assert (copy / "usr" / "empty").is_dir()
    assert {entry.target for entry in root_entries(root=copy)} == {
        entry.target for entry in root_entries(root=system)
    }


def test_a_copied_file_is_a_new_file_with_the_same_bytes_and_no_special_rights(
    system: Path, tmp_path: Path
) -> None:
    copy = copy_system(tmp_path / "copies", MIB, system)
    tool, copied = system / "usr" / "bin" / "tool", copy / "usr" / "bin" / "tool"
    assert copied.read_bytes() == b"tool"
    assert not copied.samefile(tool)
    assert copied.samefile(copy / "usr" / "bin" / "same")
    assert copied.stat().st_mode & 0o7777 == 0o755
    assert copied.stat().st_mtime_ns == tool.stat().st_mtime_ns


def test_a_copy_of_the_system_is_used_again_until_the_system_changes(system: Path, tmp_path: Path) -> None:
    first = copy_system(tmp_path / "copies", MIB, system)
    made = (first / "usr" / "bin" / "tool").stat().st_ino
    again = copy_system(tmp_path / "copies", MIB, system)
    assert again == first
    assert (again / "usr" / "bin" / "tool").stat().st_ino == made
    (system / "usr" / "bin" / "tool").write_bytes(b"newer")
    changed = copy_system(tmp_path / "copies", MIB, system)
    assert (changed / "usr" / "bin" / "tool").read_bytes() == b"newer"
    assert (first / "usr" / "bin" / "tool").read_bytes() == b"tool"  # a slot may still use the first copy


def test_a_later_process_removes_the_copy_of_the_earlier_system(
    system: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_system(tmp_path / "copies", MIB, system)
    (system / "usr" / "bin" / "tool").write_bytes(b"newer")
    monkeypatch.setattr(system_copy, "_used", set())
    changed = copy_system(tmp_path / "copies", MIB, system)
    assert list((tmp_path / "copies").iterdir()) == [changed]


@pytest.mark.parametrize("damage", ["removed", "shortened", "replaced by a link"])
def test_a_damaged_copy_of_the_system_is_made_again(system: Path, tmp_path: Path, damage: str) -> None:
    tool = copy_system(tmp_path / "copies", MIB, system) / "usr" / "bin" / "tool"
    if damage == "shortened":
        tool.write_bytes(b"to")
    else:
        tool.unlink()
    if damage == "replaced by a link":
        tool.symlink_to("link")
    again = copy_system(tmp_path / "copies", MIB, system)
    assert (again / "usr" / "bin" / "tool").read_bytes() == b"tool"


def test_an_unfinished_copy_is_removed_and_not_used(system: Path, tmp_path: Path) -> None:
    left = tmp_path / "copies" / "unfinished-1"
    (left / "usr").mkdir(parents=True)
    copy = copy_system(tmp_path / "copies", MIB, system)
    assert copy != left
    assert not left.exists()


def test_a_system_larger_than_the_limit_is_not_copied(system: Path, tmp_path: Path) -> None:
    (system / "usr" / "large").write_bytes(bytes(2 * MIB))
    with pytest.raises(CannotServeFiles, match="more than the 1 MiB that GAVEL_COPY_BYTES allows"):
        copy_system(tmp_path / "copies", MIB, system)
    assert not (tmp_path / "copies").exists()


def test_a_full_disk_is_reported_before_a_file_is_copied(
    system: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.system_copy._SPARE_BYTES", 1 << 60)
    with pytest.raises(CannotServeFiles, match="MiB free"):
        copy_system(tmp_path / "copies", MIB, system)
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(system: Path, tmp_path: Path) -> None:
    (tmp_path / "copies").write_bytes(b"a file in its place")
    with pytest.raises(CannotServeFiles, match=r"no copy of the system in .*copies"):
        copy_system(tmp_path / "copies", MIB, system)


def test_a_file_that_the_worker_may_not_read_is_left_out_of_the_copy(
    system: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = system / "usr" / "bin" / "link"
    private.unlink()
    private.write_bytes(b"private")
    may_read = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != private and may_read(path, mode))
    copy = copy_system(tmp_path / "copies", MIB, system)
    assert not (copy / "usr" / "bin" / "link").exists()


def test_boxes_may_enter_every_folder_of_a_copy_that_was_made_with_a_strict_umask(
    system: Path, tmp_path: Path
) -> None:
    """The systemd unit of a worker sets the umask 0077."""
    before = os.umask(0o077)
    try:
        copy = copy_system(tmp_path / "copies", MIB, system)
    finally:
        os.umask(before)
    folders = [copy, *(path for path in copy.rglob("*") if path.is_dir() and not path.is_symlink())]
    assert {str(path.relative_to(copy)) for path in folders} == {".", "usr", "usr/bin", "usr/empty", "etc"}
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o755}


def test_a_copy_may_be_on_another_file_system(
    system: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> int:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    (system / "usr" / "long").write_bytes(bytes(range(256)) * 1024)
    monkeypatch.setattr(os, "copy_file_range", refuse)
    copy = copy_system(tmp_path / "copies", MIB, system)
    assert (copy / "usr" / "bin" / "tool").read_bytes() == b"tool"
    assert (copy / "usr" / "long").read_bytes() == bytes(range(256)) * 1024


def test_a_file_that_vanishes_while_the_system_is_copied_is_an_error(
    system: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade of the system may be in progress."""
    monkeypatch.setattr(system_copy, "system_paths", lambda root: [root / "usr", root / "gone"])
    with pytest.raises(CannotServeFiles, match=r"no copy of the system in .*copies"):
        copy_system(tmp_path / "copies", MIB, system)
