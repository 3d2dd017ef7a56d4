"""Which backend a slot gets: the launcher or the one that was named, and never a weaker one in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import CannotIsolate, Misuse, SandboxError, SlotConfig, opening


class Broken:
    """A backend that cannot isolate; it notes that it was tried."""

    def __init__(self, name: str, tried: list[str]) -> None:
        self.name = name
        self.tried = tried

    def __call__(self, *_: object) -> object:
        self.tried.append(self.name)
        raise CannotIsolate("not here")


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    for name in opening.BACKENDS:
        monkeypatch.setitem(opening.BACKENDS, name, Broken(name, names))  # type: ignore[arg-type]
    return names


def test_auto_never_takes_the_weaker_backend(tried: list[str], tmp_path: Path) -> None:
    with pytest.raises(CannotIsolate, match="GAVEL_SANDBOX=bubblewrap"):
        opening.open_sandbox(SlotConfig(480, (), tmp_path))
    assert set(tried) == {"launcher"}


def test_the_weaker_backend_is_taken_when_it_is_named(tried: list[str], tmp_path: Path) -> None:
    with pytest.raises(SandboxError):
        opening.open_sandbox(SlotConfig(480, (), tmp_path, backend="bubblewrap"))
    assert set(tried) == {"bubblewrap"}


def test_an_unknown_backend_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="docker"):
        opening.open_sandbox(SlotConfig(480, (), tmp_path, backend="docker"))
