"""Converts texts with pandoc in its sandboxed mode, within limits. Returns also pandoc's notes on what it
left out."""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from judge_core.packages.statements.bounded_child import MIB, ChildFailed, ChildLimits, run_child

FORMATS = {"md": "markdown-yaml_metadata_block-raw_tex", "tex": "latex"}
_HEAP = "512m"
_ERROR_PLACE = re.compile(r"\(line (\d+), column \d+\)|at line (\d+)")


@dataclass(frozen=True, slots=True)
class Note:
    """A message of pandoc: that it skipped a part, or could not convert a formula."""

    kind: str
    contents: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Converted:
    text: str
    notes: tuple[Note, ...] = ()


class CannotConvert(Exception):
    """Pandoc cannot read the text. ``line`` is the line of the error, if pandoc names it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        place = _ERROR_PLACE.search(reason)
        self.line = int(place.group(1) or place.group(2)) if place else None


def convert(text: str, kind: str, to: str = "html5", seconds: float = 10) -> Converted:
    """The text as HTML or as another format of pandoc. Mathematics becomes MathML."""
    with tempfile.TemporaryDirectory(prefix="gavel-pandoc-") as place:
        log = Path(place) / "log.json"
        options = [f"--from={FORMATS[kind]}", f"--to={to}", "--mathml", "--sandbox", "--wrap=none"]
        command = [pandoc_path(), "+RTS", f"-M{_HEAP}", "-RTS", *options, f"--log={log}"]
        try:
            output = run_child(command, text.encode(), ChildLimits(seconds, 8 * MIB))
        except ChildFailed as error:
            raise CannotConvert(str(error)) from error
        return Converted(output.decode("utf-8", errors="replace"), _read_notes(log))


@cache
def pandoc_path() -> str:
    """The pandoc of the Python package, or the one that it finds on this host.

    The package itself is not imported if it has the program. Its import takes as long as the rest of a
    rendering process, and it runs each pandoc that it finds once to compare their versions.
    """
    spec = find_spec("pypandoc")
    for folder in (spec and spec.submodule_search_locations) or ():
        bundled = Path(folder, "files", "pandoc")
        if os.access(bundled, os.X_OK):
            return str(bundled)
    import pypandoc  # only where `pypandoc` is installed without its program

    return str(pypandoc.get_pandoc_path())


def _read_notes(log: Path) -> tuple[Note, ...]:
    try:
        entries = json.loads(log.read_bytes())
    except (OSError, ValueError):
        return ()
    return tuple(dict.fromkeys(_note(entry) for entry in entries))


def _note(entry: dict[str, Any]) -> Note:
    return Note(
        entry.get("type", ""), str(entry.get("contents") or entry.get("path") or ""), entry.get("line")
    )
