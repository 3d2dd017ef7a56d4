"""Piston's names of languages, and the versions that a request may ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from judge_core.model.language import OfferedLanguage

_NUMBERS = re.compile(r"\d+(?:\.\d+){0,2}")
_SAME_MAJOR = ("python",)
"""Languages whose programs may fail with another major version.

A version of another language is that of Piston's compiler or interpreter, on which few programs depend.
"""


@dataclass(frozen=True, slots=True)
class PistonName:
    """A language as Piston names it. ``runtime`` is set if several languages share one name."""

    language: str
    aliases: tuple[str, ...] = ()
    runtime: str | None = None


NAMES: Mapping[str, PistonName] = {
    "assembly": PistonName("nasm64", ("nasm", "asm64", "asm")),
    "bash": PistonName("bash", ("sh",)),
    "c17": PistonName("c", (), "gcc"),
    "commonlisp": PistonName("lisp", ("cl", "sbcl", "commonlisp")),
    "cpp17": PistonName("c++", ("cpp", "g++"), "gcc"),
    "csharp": PistonName("csharp", ("mono", "mono-csharp", "mono-c#", "c#", "cs"), "mono"),
    "d": PistonName("d", ("gdc",), "gcc"),
    "elixir": PistonName("elixir", ("exs",)),
    "erlang": PistonName("erlang", ("erl", "escript")),
    "fortran": PistonName("fortran", ("f90",), "gcc"),
    "go": PistonName("go", ("golang",)),
    "haskell": PistonName("haskell", ("hs",)),
    "java": PistonName("java"),
    "javascript": PistonName("javascript", ("node-javascript", "node-js", "js"), "node"),
    "kotlin": PistonName("kotlin", ("kt",)),
    "lua": PistonName("lua"),
    "nim": PistonName("nim"),
    "ocaml": PistonName("ocaml", ("ml",)),
    "octave": PistonName("octave", ("matlab", "m")),
    "pascal": PistonName("pascal", ("freepascal", "pp", "pas")),
    "perl": PistonName("perl", ("pl",)),
    "php": PistonName("php"),
    "python3": PistonName("python", ("py", "py3", "python3")),
    "pypy3": PistonName("pypy", ("pypy3",)),
    "r": PistonName("rscript", ("r",)),
    "racket": PistonName("racket", ("rkt",)),
    "ruby": PistonName("ruby", ("ruby3", "rb")),
    "rust": PistonName("rust", ("rs",)),
    "scala": PistonName("scala", ("sc",)),
    "sql": PistonName("sqlite3", ("sqlite", "sql")),
    "swift": PistonName("swift"),
    "typescript": PistonName("typescript", ("ts", "node-ts", "tsc"), "node"),
    "zig": PistonName("zig"),
}


@dataclass(frozen=True, slots=True)
class Runtime:
    """A language that is offered here, with its version as three numbers."""

    name: PistonName
    offered: OfferedLanguage
    version: str

    def describe(self) -> dict[str, object]:
        """The entry of a runtime in ``/runtimes``."""
        shared = {} if self.name.runtime is None else {"runtime": self.name.runtime}
        aliases = list(self.name.aliases)
        return {"language": self.name.language, "version": self.version, "aliases": aliases, **shared}


def runtimes(offered: Iterable[OfferedLanguage]) -> list[Runtime]:
    """The runtimes of the available languages. A language that Piston does not have keeps Gavel's id."""
    return [
        Runtime(NAMES.get(each.language.id) or _own_name(each), each, as_numbers(each.version or ""))
        for each in offered
        if each.available
    ]


def _own_name(offered: OfferedLanguage) -> PistonName:
    taken = {alias for name in NAMES.values() for alias in (name.language, *name.aliases)}
    aliases = tuple(alias for alias in offered.language.aliases if alias not in taken)
    return PistonName(offered.language.id, aliases)


def as_numbers(version: str) -> str:
    """The version as three numbers, because Piston's clients compare versions of that form."""
    found = _NUMBERS.search(version)
    parts = [str(int(part)) for part in found.group().split(".")] if found else ["0"]
    return ".".join([*parts, "0", "0"][:3])


def find(known: Iterable[Runtime], language: str, version: str) -> Runtime | None:
    """The runtime of a language, by its name or alias, if its version satisfies the requested one."""
    for runtime in known:
        name = runtime.name
        if language in (name.language, *name.aliases) and _is_compatible(runtime, version):
            return runtime
    return None


def _is_compatible(runtime: Runtime, version: str) -> bool:
    """Whether a program that was written for this version may run here.

    ``*`` and ``x`` stand for any version. For a language in ``_SAME_MAJOR``, another version must have the
    runtime's major number. For other languages, any number is accepted.
    """
    numbers = _NUMBERS.search(version)
    if numbers is None:
        return version.strip(" xX*") == ""
    if runtime.name.language not in _SAME_MAJOR:
        return True
    return numbers.group().split(".")[0] == runtime.version.split(".")[0]
