"""The backend of a slot is the launcher, or the backend that was named. A weaker backend does
not replace it silently."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pytest

from sandbox import (
    CannotIsolate,
    Guarantee,
    Isolation,
    IsolationMode,
    Misuse,
    SandboxError,
    SlotConfig,
    factory,
)
from sandbox.api import FILE_PAGES
from sandbox.backends.backend import open_another_slot
from sandbox.backends.gvisor_bundle import find_runsc
from sandbox.cgroups import SlotCgroups
from sandbox.errors import CannotServeFiles
from sandbox.slot import FIRST_UID, MAX_SLOTS, Claim, OwnFiles, claim_slot


class Broken:
    """A backend that cannot isolate. It records that it was tried."""

    def __init__(self, name: str, tried: list[str]) -> None:
        self.name = name
        self.tried = tried

    def __call__(self, *_: object) -> NoReturn:
        self.tried.append(self.name)
        raise CannotIsolate("not here")


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    for name in factory.BACKENDS:
        monkeypatch.setitem(factory.BACKENDS, name, Broken(name, names))
    return names


def test_without_a_named_backend_only_the_launcher_is_tried(tried: list[str], tmp_path: Path) -> None:
    with pytest.raises(CannotIsolate, match="GAVEL_SANDBOX=bubblewrap"):
        factory.open_sandbox(SlotConfig(474, (), tmp_path))
    assert set(tried) == {"launcher"}


def test_only_the_weaker_backend_is_tried_if_a_slot_names_this_backend(
    tried: list[str], tmp_path: Path
) -> None:
    with pytest.raises(SandboxError):
        factory.open_sandbox(SlotConfig(474, (), tmp_path, backend="bubblewrap"))
    assert set(tried) == {"bubblewrap"}


def test_gvisor_without_its_programs_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    find_runsc.cache_clear()
    with pytest.raises(CannotIsolate, match=r"gvisor: gVisor (is missing|is used)"):
        factory.open_sandbox(SlotConfig(474, (), tmp_path, backend="gvisor"))


def test_an_unknown_backend_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="docker"):
        factory.open_sandbox(SlotConfig(474, (), tmp_path, backend="docker"))


@dataclass
class FirstSlot:
    """The part of a slot that is used to open a second slot."""

    config: SlotConfig
    claim: Claim = field(default_factory=lambda: Claim(481, -1))
    cgroups: SlotCgroups | None = None

    def kill_all(self) -> None:
        """Do nothing, because nothing runs."""

    def close(self) -> None:
        """Do nothing, because nothing is open."""


def test_a_second_slot_that_cannot_be_opened_is_free_again(tmp_path: Path) -> None:
    first = FirstSlot(SlotConfig(475, (), tmp_path))
    with pytest.raises(CannotIsolate, match="not here"):
        open_another_slot(first, Broken("second", []))
    again = claim_slot(476)
    again.release()
    assert again.index == 476


class WithoutFuse:
    """A backend on a host without FUSE. It notes the configurations with which it was opened."""

    def __init__(self) -> None:
        self.opened: list[SlotConfig] = []
        self.isolation = Isolation("launcher", IsolationMode.FULL)

    def __call__(self, config: SlotConfig, claim: Claim, *_: object) -> WithoutFuse:
        if config.own_files is not OwnFiles.NO:
            raise CannotServeFiles("serving files through /dev/fuse: ENOENT")
        self.opened.append(config)
        claim.release()
        return self


@pytest.fixture
def without_fuse(monkeypatch: pytest.MonkeyPatch) -> WithoutFuse:
    backend = WithoutFuse()
    monkeypatch.setitem(factory.BACKENDS, "launcher", backend)
    return backend


def _file_pages(backend: WithoutFuse) -> Guarantee:
    return {each.limit: each for each in backend.isolation.guarantees}[FILE_PAGES]


def test_without_fuse_and_a_copy_boxes_share_pages_of_files_and_the_sandbox_says_why(
    without_fuse: WithoutFuse, tmp_path: Path
) -> None:
    factory.open_backend(
        SlotConfig(473, (), tmp_path, own_files=OwnFiles.AUTO), "launcher", with_cgroups=False
    )
    assert _file_pages(without_fuse).enforced_by == "nothing"
    assert "/dev/fuse" in _file_pages(without_fuse).note
    assert without_fuse.opened[0].root == Path("/")


def test_without_fuse_a_slot_gets_its_own_copy_of_the_system(
    without_fuse: WithoutFuse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factory, "copy_system", lambda folder, most_bytes: folder / f"at most {most_bytes}")
    config = SlotConfig(473, (), tmp_path, own_files=OwnFiles.AUTO, copies=tmp_path / "copies", copy_bytes=5)
    factory.open_backend(config, "launcher", with_cgroups=False)
    assert _file_pages(without_fuse).enforced_by == "a copy"
    assert without_fuse.opened[0].root.is_relative_to(tmp_path / "copies")
    assert without_fuse.opened[0].root.name == "at most 5"


def test_a_slot_is_refused_if_own_files_are_required_and_not_possible(
    without_fuse: WithoutFuse, tmp_path: Path
) -> None:
    config = SlotConfig(
        473, (), tmp_path, own_files=OwnFiles.REQUIRE, copies=tmp_path / "copies", copy_bytes=1 << 10
    )
    with pytest.raises(CannotServeFiles, match=r"/dev/fuse.*GAVEL_COPY_BYTES"):
        factory.open_backend(config, "launcher", with_cgroups=False)
    assert without_fuse.opened == []


def test_a_copy_of_the_system_that_an_operator_made_counts_as_own_files(
    without_fuse: WithoutFuse, tmp_path: Path
) -> None:
    config = SlotConfig(473, (), tmp_path, root=tmp_path, own_files=OwnFiles.REQUIRE)
    factory.open_backend(config, "launcher", with_cgroups=False)
    assert _file_pages(without_fuse).enforced_by == "a copy"
    assert without_fuse.opened[0].root == tmp_path


def test_the_user_ids_of_slots_are_outside_of_systemd_s_ranges() -> None:
    """systemd uses 61184 to 65519 for DynamicUser=, and 60001 to 60705 for homed and greeters. 65534 is
    ``nobody``."""
    users = range(FIRST_UID, FIRST_UID + MAX_SLOTS)
    assert users.start > 60705
    assert users.stop <= 61184
