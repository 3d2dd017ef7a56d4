"""Precompiled standard headers, made once per host: the greater part of a short C++ compilation is saved.

GCC takes ``bits/stdc++.h.gch`` from the first include folder if the header is a file's first include and the
flags are the same; the meaning of a program is not changed by it. A file that begins otherwise is compiled
as ever.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import tempfile
from pathlib import Path

from judge_api.domain.language import Language
from sandbox import MIB, Command, Ending, FileIn, Limits, Sandbox
from workers.judging.sources import Bundle
from workers.judging.toolchains import Toolchains

HEADERS = "/h"
"""Where the headers stand in the compiler's box."""

_LIMITS = Limits(
    cpu_seconds=60,
    wall_seconds=120,
    memory_bytes=2048 * MIB,
    processes=64,
    file_bytes=512 * MIB,
    workspace_bytes=768 * MIB,
    open_files=1024,
)
_FIRST_INCLUDE = re.compile(
    rb"\A(?:\s|//[^\n]*\n|/\*.*?\*/|#\s*pragma[^\n]*\n)*#\s*include\s*<([^>]+)>", re.DOTALL
)


class HeaderShelf:
    """Precompiled headers below one folder, one sub-folder for each compiler, its flags and header."""

    def __init__(self, sandbox: Sandbox, folder: Path, toolchains: Toolchains) -> None:
        self._sandbox = sandbox
        self._folder = folder
        self._toolchains = toolchains
        self._broken: set[str] = set()

    def fitting(self, language: Language, argv: tuple[str, ...], bundle: Bundle) -> Path | None:
        """The folder with the header that the only source begins with; ``None`` when none would be used."""
        if not language.headers or len(bundle.units) != 1:
            return None
        content = next(file.content for file in bundle.files if file.name == bundle.units[0])
        hit = _FIRST_INCLUDE.match(content)
        header = hit.group(1).decode("utf-8", errors="replace") if hit else ""
        if header not in language.headers:
            return None
        return self._shelf(header, flags_of(argv))

    def _shelf(self, header: str, flags: tuple[str, ...]) -> Path | None:
        compiler = Path(flags[0]).resolve()
        stamp = f"{compiler}:{compiler.stat().st_mtime_ns}:{flags}:{header}"
        key = hashlib.sha256(stamp.encode()).hexdigest()[:32]
        place = self._folder / key
        if place.is_dir():
            return place
        if key in self._broken:
            return None
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f".{key}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.is_dir() and not self._make(header, flags, place):
                self._broken.add(key)
                return None
        return place

    def _make(self, header: str, flags: tuple[str, ...], place: Path) -> bool:
        """Compile one header in a box and put it on the shelf whole; whoever else wants it waits
        meanwhile."""
        name = f"{header}.gch"
        wrapper = f"#include <{header}>\n".encode()
        command = Command(
            argv=(*flags, "-x", "c++-header", "/w/wrapper.h", "-o", f"/w/out/{name}"),
            limits=_LIMITS,
            files=(FileIn("wrapper.h", wrapper), FileIn(str((Path("out") / name).with_name(".keep")), b"")),
            collect=("out",),
            collect_bytes=512 * MIB,
            needs="compiler",
            merge_stderr=True,
        )
        report = self._sandbox.run(command)
        made = report.files.get(f"out/{name}")
        if report.ending is not Ending.EXITED or report.exit_code != 0 or made is None:
            return False
        draft = Path(tempfile.mkdtemp(dir=self._folder, prefix=".draft-"))
        try:
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made)
            for folder in (draft, path.parent):
                folder.chmod(0o755)
            draft.rename(place)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return True

    def prepare(self, languages: list[Language]) -> None:
        """Make every header of these languages now instead of at the first submission that wants it."""
        for language in languages:
            if self._toolchains.find(language.compile[0]) is None:
                continue
            flags = flags_of(self._toolchains.resolve(language.compile))
            for header in language.headers:
                self._shelf(header, flags)


def flags_of(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The compiler and those of its flags that a precompiled header must agree with."""
    kept = [
        word for word in argv[1:] if word.startswith("-") and not word.startswith(("-o", "-l", "-fuse-ld"))
    ]
    return (argv[0], *kept)
