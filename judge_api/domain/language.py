"""A language as data: how its sources are named, compiled and run. One TOML file each in the catalog."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SelfTest:
    """A small program that proves the language works here, with what it must print."""

    source: str
    stdin: str
    stdout: str


@dataclass(frozen=True, slots=True)
class Language:
    """How to judge one language.

    ``compile`` and ``run`` are argument lists; ``{source}``, ``{binary}``, ``{main}``, ``{memory_mb}``
    and ``{include}`` are filled in by the worker. ``compile`` empty means: nothing to compile, the
    source is syntax-checked by ``check`` if that is set. ``needs`` names the seccomp profile of the
    sandbox; ``processes`` is what its runtime wants in threads; times are multiplied by ``time_factor``.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    extensions: tuple[str, ...]
    source_name: str
    version_command: tuple[str, ...]
    compile: tuple[str, ...]
    run: tuple[str, ...]
    self_test: SelfTest
    needs: str = "native"
    processes: int = 16
    memory_overhead_mb: int = 0
    compile_seconds: float = 30.0
    compile_memory_mb: int = 1024
    time_factor: float = 1.0
    environment: tuple[tuple[str, str], ...] = ()
    editor_mode: str = "text"
    starter: str = ""
    kattis_id: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A language as offered here and now: ``version`` when it works, else ``reason`` why not."""

    language: Language
    available: bool
    version: str | None = None
    reason: str | None = None
