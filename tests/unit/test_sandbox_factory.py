"""The backend of a slot is the launcher or the one that was named, and never silently a weaker one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pytest

from sandbox import CannotIsolate, Misuse, SandboxError, SlotConfig, factory
from sandbox.backends.backend import open_another_slot
from sandbox.cgroups import SlotCgroups
from sandbox.slot import FIRST_UID, MAX_SLOTS, Claim, claim_slot


class Broken:
    """A backend that cannot isolate; it notes that it was tried."""

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


def test_auto_never_uses_the_weaker_backend(tried: list[str], tmp_path: Path) -> None:
    with pytest.raises(CannotIsolate, match="GAVEL_SANDBOX=bubblewrap"):
        factory.open_sandbox(SlotConfig(474, (), tmp_path))
    assert set(tried) == {"launcher"}


def test_the_weaker_backend_is_used_when_it_is_named(tried: list[str], tmp_path: Path) -> None:
    with pytest.raises(SandboxError):
        factory.open_sandbox(SlotConfig(474, (), tmp_path, backend="bubblewrap"))
    assert set(tried) == {"bubblewrap"}


def test_an_unknown_backend_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="docker"):
        factory.open_sandbox(SlotConfig(474, (), tmp_path, backend="docker"))


@dataclass
class FirstSlot:
    """The part of a slot that is used to open a second one."""

    config: SlotConfig
    claim: Claim = field(default_factory=lambda: Claim(481, -1))
    cgroups: SlotCgroups | None = None

    def kill_all(self) -> None:
        """Nothing runs."""

    def close(self) -> None:
        """Nothing is held."""


def test_a_second_slot_that_cannot_be_opened_leaves_nothing(tmp_path: Path) -> None:
    first = FirstSlot(SlotConfig(475, (), tmp_path))
    with pytest.raises(CannotIsolate, match="not here"):
        open_another_slot(first, Broken("second", []))
    again = claim_slot(476)
    again.release()
    assert again.index == 476


def test_no_slot_has_a_user_that_systemd_hands_out() -> None:
    """DynamicUser= takes 61184 to 65519, homed and greeters 60001 to 60705, and 65534 is nobody."""
    users = range(FIRST_UID, FIRST_UID + MAX_SLOTS)
    assert users.start > 60705
    assert users.stop <= 61184
