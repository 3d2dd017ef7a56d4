"""A worker's folders may be closed to the slot's user, such as a data folder of mode 0700."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import CannotIsolate, IsolationMode, Mount, Sandbox, SlotConfig
from sandbox.backends import bwrap_paths
from sandbox.backends.bwrap_paths import find_reachable_paths
from sandbox.factory import open_backend
from tests.contract.backends import SANDBOXES, shell

SLOT = 454


@pytest.fixture(scope="module")
def closed() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gavel-closed-") as name:
        folder = Path(name)
        folder.chmod(0o700)
        for share in ("cache", "packages"):
            below = folder / "data" / share / "one"
            below.mkdir(parents=True)
            (below / "answer.txt").write_text(f"{share}\n")
        yield folder / "data"


@pytest.fixture(scope="module", params=SANDBOXES, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def sandbox(request: pytest.FixtureRequest, closed: Path) -> Iterator[Sandbox]:
    backend, mode = request.param
    shares = (closed / "cache", closed / "packages")
    config = SlotConfig(SLOT, shares, closed, backend=backend)
    opened = open_backend(config, backend, with_cgroups=mode is IsolationMode.FULL)
    if opened.isolation.mode is not mode:
        opened.close()
        pytest.skip(f"this host has no {mode}")
    yield opened
    opened.close()


def test_folders_of_closed_shares_can_be_mounted(sandbox: Sandbox, closed: Path) -> None:
    mounts = (Mount(closed / "cache" / "one", "/c"), Mount(closed / "packages" / "one", "/p"))
    report = shell(sandbox, "cat /c/answer.txt /p/answer.txt; id -u", mounts=mounts)
    assert report.stdout == b"cache\npackages\n1000\n", report.stderr
    assert shell(sandbox, "echo no > /c/answer.txt", mounts=mounts).exit_code != 0


def test_a_file_of_a_closed_share_can_be_the_input(sandbox: Sandbox, closed: Path) -> None:
    stdin = closed / "packages" / "one" / "answer.txt"
    assert shell(sandbox, "cat", stdin=stdin).stdout == b"packages\n"


def test_a_program_finds_the_worker_s_closed_folders_under_no_other_path(
    sandbox: Sandbox, closed: Path
) -> None:
    report = shell(sandbox, f"ls -d /mnt/* /media/* /srv/* /.shares/* {closed} 2>/dev/null; echo end")
    assert report.stdout == b"end\n"


def test_the_error_for_a_closed_folder_that_cannot_be_bound_names_the_folder_and_the_fix(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bwrap_paths, "_UNSHARE", ("/bin/false",))
    with pytest.raises(CannotIsolate, match=rf"{closed.parent} is closed to other users.*chmod o\+x"):
        find_reachable_paths([closed])


def test_an_open_folder_is_used_without_a_bind_mount(tmp_path: Path) -> None:
    assert find_reachable_paths([Path("/usr/bin")]).command() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="binding needs root")
def test_the_folder_for_bind_mounts_is_not_above_a_closed_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bwrap_paths, "_PLACES", (tmp_path, Path("/mnt")))
    tmp_path.chmod(0o700)
    assert find_reachable_paths([tmp_path / "share"]).place == Path("/mnt")
