"""Precompiled standard headers, which save most of the time of a short C++ compilation.

GCC takes ``bits/stdc++.h.gch`` from the first include folder if the header is a file's first include and the
flags are the same. The program stays the same. A file that begins otherwise is compiled without it.
"""

from __future__ import annotations

import re
from pathlib import Path

from judge_core.model.language import Language
from sandbox import Command, InputFile
from workers.judging.sources import SourceBundle
from workers.judging.toolchain_cache import (
    BUILT_FILE,
    CachedFile,
    ToolchainCache,
    build_limits,
    compiler_identity,
)
from workers.judging.toolchains import Toolchains

_BEFORE = re.compile(rb"\s+|//[^\n]*\n|/\*.*?\*/|#\s*pragma[^\n]*\n", re.DOTALL)
_INCLUDE = re.compile(rb"#\s*include\s*<([^>\n]{1,100})>")


class PrecompiledHeaders:
    """Precompiled headers, one for each compiler, its flags and header."""

    def __init__(self, cache: ToolchainCache, toolchains: Toolchains) -> None:
        self._cache = cache
        self._toolchains = toolchains

    def find(self, language: Language, argv: tuple[str, ...], bundle: SourceBundle) -> Path | None:
        """The folder with the header that the only source file begins with; ``None`` when there is none."""
        if not language.headers or len(bundle.units) != 1:
            return None
        content = next(file.content for file in bundle.files if file.name == bundle.units[0])
        header = first_include(content)
        if header not in language.headers:
            return None
        return self._cache.find(_cached_file(header, header_flags(argv)))

    def prepare(self, languages: list[Language]) -> None:
        """Request every header of these languages now instead of at the first submission that includes it."""
        for language in languages:
            if self._toolchains.find(language.compile[0]) is None:
                continue
            flags = header_flags(self._toolchains.resolve(language.compile))
            for header in language.headers:
                self._cache.find(_cached_file(header, flags))


def first_include(content: bytes) -> str:
    """The header in angle brackets that a source begins with; empty where it begins otherwise.

    Comments and blanks before it are skipped one by one: a single pattern for all of them would try every way
    to split them, which takes years for forty comments.
    """
    at = 0
    while piece := _BEFORE.match(content, at):
        at = piece.end()
    hit = _INCLUDE.match(content, at)
    return hit.group(1).decode("utf-8", errors="replace") if hit else ""


def _cached_file(header: str, flags: tuple[str, ...]) -> CachedFile:
    command = Command(
        argv=(*flags, "-x", "c++-header", "/w/wrapper.h", "-o", BUILT_FILE),
        limits=build_limits(),
        files=(InputFile("wrapper.h", f"#include <{header}>\n".encode()),),
        seccomp_profile="compiler",
    )
    return CachedFile(f"{compiler_identity(flags[0])}:{flags}:{header}", f"{header}.gch", command)


def header_flags(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The compiler and the flags that a precompiled header depends on."""
    kept = [
        word for word in argv[1:] if word.startswith("-") and not word.startswith(("-o", "-l", "-fuse-ld"))
    ]
    return (argv[0], *kept)
