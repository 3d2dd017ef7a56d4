"""Class data archives for compilers that run on a JVM. With an archive, javac starts faster.

An archive has the compiler's classes as they are after the language's self-test was compiled. The JVM maps it
read-only, and ignores an archive that does not fit its build.
"""

from __future__ import annotations

from pathlib import Path

from judge_core.model.language import Language
from sandbox import Command, InputFile
from workers.judging.toolchain_cache import (
    BUILT_FILE,
    CACHE_MOUNT,
    CachedFile,
    ToolchainCache,
    build_limits,
    compiler_identity,
)

_NAME = "classes.jsa"


class ClassArchives:
    """One archive for each compiler and its flags."""

    def __init__(self, cache: ToolchainCache) -> None:
        self._cache = cache

    def find(self, language: Language, argv: tuple[str, ...]) -> Path | None:
        """The folder with the compiler's archive, or ``None`` while there is none."""
        if not language.class_archive:
            return None
        flags = tuple(word for word in argv[1:] if word.startswith("-J"))
        return self._cache.find(_cached_file(language, (argv[0], *flags)))


def with_archive(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The compiler's command with the option that names the archive."""
    return (argv[0], f"-J-XX:SharedArchiveFile={CACHE_MOUNT}/{_NAME}", *argv[1:])


def _cached_file(language: Language, flags: tuple[str, ...]) -> CachedFile:
    source = f"/w/{language.source_name}"
    command = Command(
        argv=(flags[0], f"-J-XX:ArchiveClassesAtExit={BUILT_FILE}", *flags[1:], "-d", "/w/classes", source),
        limits=build_limits(),
        files=(InputFile(language.source_name, language.self_test.source.encode()),),
        environment=dict(language.environment),
        seccomp_profile=language.compile_seccomp_profile,
    )
    return CachedFile(f"{compiler_identity(flags[0])}:{flags}:{language.self_test.source}", _NAME, command)
