"""Compiles a LaTeX document to a PDF inside bubblewrap. LaTeX never runs without bubblewrap.

TeX is a programming language, and the author of a statement is not trusted. The box has no network. Of the
host's files, it has only the programs and the TeX trees, read-only. LaTeX can write three files: PDF, log and
aux.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from judge_core.packages.statements.bounded_child import MIB, ChildFailed, ChildLimits, run_child
from judge_core.packages.statements.system_box import system_box

PROGRAM_PATH = "/usr/local/bin:/usr/bin:/bin"
MOST_SECONDS = 10.0
_MEMORY, _FILE = 1024 * MIB, 16 * MIB
_PACKAGES = {
    "bwrap": "bubblewrap",
    "prlimit": "util-linux",
    "pdflatex": "texlive-latex-base and texlive-pictures",
}
_TREES = (
    "/usr/bin",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/share",
    "/usr/local/texlive",
    "/usr/local/share/texmf",
    "/etc/texmf",
    "/etc/ld.so.cache",
    "/var/lib/texmf",
)
_SETTINGS = {
    "HOME": "/w",
    "TEXMFHOME": "/w",
    "TEXMFVAR": "/w",
    "TEXMFCONFIG": "/w",
    "openin_any": "p",
    "openout_any": "p",
    "shell_escape": "f",
    "max_print_line": "1000",
}
_REFUSED = re.compile(r"^runsystem\(.*disabled", re.MULTILINE)
_ERROR = re.compile(r"^! (.*)", re.MULTILINE)
_CONTEXT = re.compile(r"^l\.\d+ (.*)", re.MULTILINE)
_NO_FILE = re.compile(r"File `(tikz|pgfplots)\.sty' not found")
_LOG_BYTES, _SAID_CHARS = 256 * 1024, 150


class CannotCompile(Exception):
    """There is no PDF. The message says why, or what to install."""


@dataclass(frozen=True, slots=True)
class Programs:
    bwrap: str
    prlimit: str
    pdftex: str


def programs() -> Programs:
    """The programs of this host. Raises :class:`CannotCompile` with the packages to install."""
    found = {name: shutil.which(name, path=PROGRAM_PATH) for name in _PACKAGES}
    missing = [package for name, package in _PACKAGES.items() if found[name] is None]
    if missing:
        raise CannotCompile(f"no LaTeX runs here (the server needs {' and '.join(missing)})")
    return Programs(*(str(Path(str(found[name])).resolve()) for name in _PACKAGES))


def compile_pdf(document: str, seconds: float = MOST_SECONDS) -> bytes:
    """The PDF of a document. Raises :class:`CannotCompile`."""
    used = programs()
    with tempfile.TemporaryDirectory(prefix="gavel-latex-") as place:
        work = Path(place)
        (work / "picture.tex").write_text(document, encoding="utf-8")
        for ending in ("pdf", "log", "aux"):
            (work / f"picture.{ending}").touch()
        limits = ChildLimits(round(min(seconds, MOST_SECONDS), 1), _FILE)
        try:
            run_child([*box(used, work), *_latex(used, limits.seconds)], b"", limits)
        except ChildFailed as error:
            raise CannotCompile(_reason(work / "picture.log", str(error))) from error
        if _REFUSED.search(_read(work / "picture.log")):
            raise CannotCompile("it starts a program (\\write18), which is refused")
        content = (work / "picture.pdf").read_bytes()
    if not content:
        raise CannotCompile("it makes no page")
    return content


def box(used: Programs, work: Path) -> list[str]:
    """The start of a command that runs a program inside the box. The box has the files of a picture in
    ``work``."""
    made = system_box(used.bwrap, "latex", _TREES)
    made += ["--dev-bind", "/dev/null", "/dev/null", "--dir", "/w"]
    made += ["--ro-bind", str(work / "picture.tex"), "/w/picture.tex"]
    for ending in ("pdf", "log", "aux"):
        made += ["--bind", str(work / f"picture.{ending}"), f"/w/picture.{ending}"]
    for name, value in _SETTINGS.items():
        made += ["--setenv", name, value]
    return [*made, "--remount-ro", "/", "--chdir", "/w", "--"]


def _latex(used: Programs, seconds: float) -> list[str]:
    limits = [used.prlimit, f"--cpu={int(seconds) or 1}", f"--as={_MEMORY}", f"--fsize={_FILE}"]
    limits += ["--nproc=8", "--nofile=64", "--core=0", "--"]
    latex = [used.pdftex, "-progname=pdflatex", "-fmt=pdflatex", "-no-shell-escape"]
    return [*limits, *latex, "-interaction=nonstopmode", "-halt-on-error", "picture.tex"]


def _reason(log: Path, ended: str) -> str:
    """The first error in LaTeX's log, with the text at which it occurred. If there is none, how the program
    ended."""
    text = _read(log)
    missing = _NO_FILE.search(text)
    if missing:
        return f"LaTeX has no {missing.group(1)} here (the server needs texlive-pictures)"
    error = _ERROR.search(text)
    if error:
        context = _CONTEXT.search(text, error.end())
        said = error.group(1).rstrip(".") + (f": {context.group(1)}" if context else "")
        return f"LaTeX says: {_printable(said)}"
    if ended.startswith("exit code"):
        return f"it was stopped: it may take {MOST_SECONDS:g} s, 1 GiB of memory and 16 MiB of output"
    return _printable(ended.splitlines()[-1])


def _read(log: Path) -> str:
    with log.open("rb") as file:
        return file.read(_LOG_BYTES).decode("utf-8", errors="replace")


def _printable(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:_SAID_CHARS]
