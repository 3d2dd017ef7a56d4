"""Finds formulas in TeX in the text of an HTML statement. They are shown as they were written."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_FORMULA = re.compile(
    r"\$\$(?!\$)[^$]{1,500}\$\$|(?<![\\$\w])\$(?=[^\s$])[^$\n]{0,300}(?<![\s\\])\$(?![\w$])"
    r"|\\\([^$]{1,300}?\\\)|\\\[[^$]{1,500}?\\\]"
)
_NO_TEXT = frozenset(("pre", "code", "kbd", "samp", "script", "style", "math", "title"))


def html_formulas(text: str) -> list[tuple[str, int]]:
    """Each formula between $, $$, \\( or \\[ in the text of a page, and its line."""
    finder = _FormulaFinder()
    finder.feed(text)
    finder.close()
    return finder.found


class _FormulaFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, int]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NO_TEXT:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            self._open.remove(tag)

    def handle_data(self, data: str) -> None:
        if self._open:
            return
        first = self.getpos()[0]
        for hit in _FORMULA.finditer(data):
            self.found.append((hit.group(), first + data.count("\n", 0, hit.start())))
