"""Finds parts of LaTeX: verbatim text, comments, braces and arguments of commands.

Every function keeps the number of lines, so that a warning can name the line in the author's file.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_PART = re.compile(
    r"\\begin\{(?P<name>verbatim\*?|Verbatim|lstlisting|minted|alltt|comment)\}"
    r"|\\(?:verb|lstinline)\*?(?P<mark>[^a-zA-Z\s*{\[])"
    r"|\\."
    r"|(?P<comment>%[^\n]*)",
    re.DOTALL,
)
_LONGEST_VERB = 500
_OPEN, _CLOSE = "\ue000", "\ue001"
_TOKEN = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_OPTION = re.compile(r"\s*\[[^\[\]]{0,500}\]")


class ProtectedText:
    """A text whose verbatim parts are replaced by tokens, and whose comments are emptied."""

    def __init__(self, text: str) -> None:
        self._saved: list[str] = []
        self.text = self._take(text.replace(_OPEN, "").replace(_CLOSE, ""))

    def _take(self, text: str) -> str:
        parts, at, unclosed = [], 0, set[str]()
        while hit := _PART.search(text, at):
            parts.append(text[at : hit.start()])
            name, at = hit.group("name"), hit.end()
            if hit.group("mark"):
                at = _verb_end(text, hit)
                parts.append(self.protect(text[hit.start() : at]) if at > hit.end() else hit.group())
                continue
            end = text.find(f"\\end{{{name}}}", at) if name and name not in unclosed else -1
            if end >= 0:
                at = end + len(f"\\end{{{name}}}")
                block = text[hit.start() : at]
                parts.append("%\n" * block.count("\n") if name == "comment" else self.protect(block))
                continue
            if name:
                unclosed.add(name)
            parts.append("%" if hit.group("comment") else hit.group())
        return "".join([*parts, text[at:]])

    def protect(self, text: str) -> str:
        """A token that stands for this text."""
        self._saved.append(text)
        return f"{_OPEN}{len(self._saved) - 1}{_CLOSE}"

    def expand(self, text: str, make: Callable[[str], str] = str) -> str:
        """The text with each token replaced by the text that it stands for."""
        return _TOKEN.sub(lambda hit: make(self._saved[int(hit.group(1))]), text)


def _verb_end(text: str, hit: re.Match[str]) -> int:
    """The position after the closing mark of a ``\\verb``. Both marks are on one line."""
    line_end = text.find("\n", hit.end(), hit.end() + _LONGEST_VERB)
    last = line_end if line_end >= 0 else hit.end() + _LONGEST_VERB
    return text.find(hit.group("mark"), hit.end(), last) + 1 or hit.end()


def brace_ends(text: str) -> dict[int, int]:
    """The end of each closed brace, found for all braces in one pass, however deep they are."""
    opened: list[int] = []
    ends = {}
    for hit in _BRACE.finditer(text):
        if hit.group() == "{":
            opened.append(hit.start())
        elif hit.group() == "}" and opened:
            ends[opened.pop()] = hit.start()
    return ends


def rewrite(
    text: str,
    commands: str,
    count: int,
    make: Callable[[list[str]], str],
    least: int | None = None,
) -> str:
    """The text with every use of a command replaced by what ``make`` returns for its arguments. The arguments
    are in braces, and may contain braces.

    ``commands`` is a pattern of names. Arguments in brackets are left out. With ``least``, only that many
    arguments must be present. Missing arguments are empty.
    """
    uses = list(re.finditer(rf"\\(?:{commands})(?![a-zA-Z])\*?", text))
    if not uses:
        return text
    parts, at, ends = [], 0, brace_ends(text)
    for hit in uses:
        groups = arguments(text, hit.end(), count, ends) if hit.start() >= at else []
        if hit.start() < at or len(groups) < (count if least is None else least):
            continue
        values = [text[start + 1 : ends[start]] for start in groups]
        end = ends[groups[-1]] + 1 if groups else hit.end()
        made = make(values + [""] * (count - len(groups)))
        parts += [text[at : hit.start()], keep_lines(text[hit.start() : end], made)]
        at = end
    return "".join([*parts, text[at:]])


def arguments(text: str, at: int, count: int, ends: dict[int, int]) -> list[int]:
    """The positions at which the next groups in braces begin, from ``at`` on. There are at most ``count``."""
    found: list[int] = []
    while len(found) < count:
        while option := _OPTION.match(text, at):
            at = option.end()
        while text[at : at + 1].isspace():
            at += 1
        if at not in ends:
            break
        found.append(at)
        at = ends[at] + 1
    return found


def keep_lines(before: str, after: str) -> str:
    """``after`` with as many lines as ``before``. The added lines are comments in front of it, which make no
    paragraph."""
    return "%\n" * max(0, before.count("\n") - after.count("\n")) + after


def in_one_paragraph(text: str) -> str:
    """The text without blank lines, which many commands do not allow in an argument."""
    return _BLANK_LINES.sub(lambda hit: " " + "%\n" * hit.group().count("\n"), text)
