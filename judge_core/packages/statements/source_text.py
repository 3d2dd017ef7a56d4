"""Reads a statement's file as text: its encoding, and the files that LaTeX includes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from judge_core.packages.diagnostics import Diagnostic
from judge_core.packages.text_encodings import known_encoding

MAX_BYTES = 1024 * 1024
_MAX_FILES, _MAX_DEPTH = 50, 8
_PUBLIC = ("statement", "problem_statement", "attachments", "data/sample")
"""The only folders whose files a statement may include. They contain no secret data."""
_DECLARED = re.compile(
    rb"\\usepackage\s*\[\s*([a-z0-9_-]+)\s*\]\s*\{inputenc\}|<meta[^>]*charset\s*=\s*[\"']?([a-z0-9_-]+)",
    re.IGNORECASE,
)
_ENCODINGS = {
    "latin1": "cp1252",
    "iso-8859-1": "cp1252",
    "latin9": "iso8859-15",
    "koi8-r": "koi8-r",
    "ansinew": "cp1252",
    "applemac": "mac-roman",
}
_INCLUDE = re.compile(
    r"\\(?:input|include|subfile)\s*\{([^{}\n]{1,200})\}"
    r"|\\input\s+([^\s{}\\%]{1,200})"
    r"|\\(?:import|subimport)\s*\{([^{}\n]{0,200})\}\s*\{([^{}\n]{1,200})\}"
    r"|\\(verbatiminput|lstinputlisting|VerbatimInput)\*?\s*(?:\[[^\[\]\n]{0,200}\])?\s*\{([^{}\n]{1,200})\}"
)
_VERB = re.compile(r"\\verb\*?([^a-zA-Z\s*]).{0,500}?\1")
_VERBATIM = re.compile(r"\\(begin|end)\{(verbatim\*?|Verbatim|lstlisting|minted|comment)\}")
_COMMENT_OR_COMMAND = re.compile(r"\\.|%", re.DOTALL)


@dataclass(slots=True)
class SourceText:
    """The lines of a statement, each with its file in the package and its line in that file."""

    lines: list[str] = field(default_factory=list)
    origins: list[tuple[str, int]] = field(default_factory=list)
    faults: list[Diagnostic] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def place(self, line: int | None) -> tuple[str, int | None]:
        """The file of a line of the text, and the line's number in that file. Without a line, only the
        statement's file."""
        if line is None or not self.origins:
            return (self.origins[0][0] if self.origins else ""), None
        return self.origins[min(max(line, 1), len(self.origins)) - 1]

    def warn(self, message: str, line: int | None = None) -> None:
        file, at = self.place(line)
        fault = Diagnostic(file, message, line=at, warning=True)
        if fault not in self.faults:
            self.faults.append(fault)

    def line_of(self, words: str) -> int | None:
        """The first line with these words."""
        return next((number for number, line in enumerate(self.lines, 1) if words in line), None)


def read_source(root: Path, path: Path) -> SourceText:
    """The text of a statement. In LaTeX, included files are inserted in their places."""
    source = SourceText()
    _Reader(root.resolve(), path, source).read(path, 0)
    if not source.origins:
        source.origins.append((path.relative_to(root).as_posix(), 1))
        source.lines.append("")
    return source


class _Reader:
    def __init__(self, root: Path, statement: Path, source: SourceText) -> None:
        self._root = root
        self._statement = statement
        self._source = source
        self._tried = 0
        self._bytes = 0

    def read(self, path: Path, depth: int) -> None:
        name = path.resolve().relative_to(self._root).as_posix() if depth else _name(self._root, path)
        text = self._decode(path, name)
        is_latex = self._statement.suffix == ".tex"
        verbatim = ""
        for number, line in enumerate(text.split("\n"), 1):
            if is_latex and not verbatim and _without_comment(line).strip() == "\\endinput":
                break
            if is_latex and "\\" in line and not verbatim:
                self._add_with_includes(line, (name, number), path, depth)
            else:
                self._add(line, (name, number))
            verbatim = _verbatim_after(line, verbatim)

    def _add(self, line: str, origin: tuple[str, int]) -> None:
        self._source.lines.append(line)
        self._source.origins.append(origin)

    def _add_with_includes(self, line: str, origin: tuple[str, int], path: Path, depth: int) -> None:
        at = 0
        uncommented = _without_comment(line)
        quoted = [hit.span() for hit in _VERB.finditer(uncommented)] if "\\verb" in line else []
        for hit in _INCLUDE.finditer(uncommented):
            if any(start < hit.start() < end for start, end in quoted):
                continue
            found = self._find(hit, path, origin, depth)
            self._add(line[at : hit.start()] + ("%" if found else ""), origin)
            if found and hit.group(5):
                self._add_listing(found, origin)
            elif found:
                self.read(found, depth + 1)
            at = hit.end()
        self._add(line[at:], origin)

    def _add_listing(self, path: Path, origin: tuple[str, int]) -> None:
        name = path.relative_to(self._root).as_posix()
        self._add("\\begin{verbatim}", origin)
        for number, line in enumerate(self._decode(path, name).rstrip("\n").split("\n"), 1):
            self._add(line.replace("\\end{verbatim}", "\\end {verbatim}"), (name, number))
        self._add("\\end{verbatim}", origin)

    def _find(self, hit: re.Match[str], path: Path, origin: tuple[str, int], depth: int) -> Path | None:
        self._tried += 1
        if self._tried > _MAX_FILES:
            self._warn((origin[0], 1), f"includes too much: only the first {_MAX_FILES} files are included")
            return None
        found = next((each for each in self._candidates(hit, path) if self._may_be_shown(each)), None)
        command = hit.group().strip()
        if found is None:
            self._warn(origin, f"{command} is left out: there is no such file beside the statement")
        elif depth >= _MAX_DEPTH:
            self._warn(origin, f"{command} is left out: files include each other too deep")
            return None
        return found

    def _candidates(self, hit: re.Match[str], path: Path) -> Iterator[Path]:
        plain, bare, folder, file, listing, listed = hit.groups()
        named = (plain or bare or listed or f"{folder}/{file}").strip().replace("\0", "")
        for place in (path.parent, self._statement.parent, self._root):
            for candidate in (named,) if listing else (f"{named}.tex", named):
                yield (place / candidate).resolve()

    def _may_be_shown(self, path: Path) -> bool:
        return path.is_file() and any(path.is_relative_to(self._root / folder) for folder in _PUBLIC)

    def _warn(self, origin: tuple[str, int], message: str) -> None:
        fault = Diagnostic(origin[0], message, line=origin[1], warning=True)
        if fault not in self._source.faults:
            self._source.faults.append(fault)

    def _decode(self, path: Path, name: str) -> str:
        left = MAX_BYTES - self._bytes
        with path.open("rb") as file:
            content = file.read(left + 1)
        if len(content) > left:
            self._warn(
                (name, 1), f"is cut: a statement has at most {MAX_BYTES // 1024} KiB with what it includes"
            )
            content = content[:left]
        self._bytes += len(content)
        text, fault = decode(content)
        if fault:
            self._warn((name, fault[0]), fault[1])
        return text.replace("\r\n", "\n").replace("\r", "\n")


def decode(content: bytes) -> tuple[str, tuple[int, str] | None]:
    """The text, and the line and message of a warning if it is not UTF-8."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), None
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    encoding = _declared_encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text, encoding = content.decode("latin-1"), "latin-1"
    return text, (line, f"is not UTF-8: it is read as {encoding}. Save it as UTF-8")


def _declared_encoding(content: bytes) -> str:
    hit = _DECLARED.search(content[:8192])
    named = (hit.group(1) or hit.group(2)).decode().lower() if hit else ""
    if named in ("", "utf8", "utf-8"):
        return "cp1252"
    return _ENCODINGS.get(named) or known_encoding(named) or "cp1252"


def _name(root: Path, path: Path) -> str:
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.resolve().relative_to(root).as_posix()


def _without_comment(line: str) -> str:
    for hit in _COMMENT_OR_COMMAND.finditer(line):
        if hit.group() == "%":
            return line[: hit.start()]
    return line


def _verbatim_after(line: str, inside: str) -> str:
    """The verbatim environment that is open after a line. ``inside`` is the one that was open before the
    line."""
    for hit in _VERBATIM.finditer(line):
        if hit.group(1) == "begin" and not inside:
            inside = hit.group(2)
        elif hit.group(1) == "end" and hit.group(2) == inside:
            inside = ""
    return inside
