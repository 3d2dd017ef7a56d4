"""What authors of packages write in LaTeX, put so that pandoc reads it: the format's own commands first."""

from __future__ import annotations

import re
from collections.abc import Callable

_WRAPPED = re.compile(
    r"\\begin\{wrapfigure\*?\}\s*(?:\[[^\]]*\])?\s*\{[^{}]*\}\s*(?:\[[^\]]*\])?\s*\{[^{}]*\}"
)
_PLAIN_NAME = re.compile(r"^%+\s*plainproblemname:\s*(.+?)\s*$", re.MULTILINE)


def latex_name(text: str) -> str:
    """The problem's name as a statement says it; empty where it does not."""
    plain = _PLAIN_NAME.search(text)
    if plain:
        return plain.group(1)
    found = re.search(r"\\problemname\s*(?=\{)", text)
    group = _group(text, found.end()) if found else None
    return group[0] if group else ""


def plain_latex(text: str, constants: dict[str, str]) -> str:
    """Kattis' own commands as plain LaTeX. Samples are shown below a statement, wherever it asks for them."""
    text = re.sub(r"\\constant\{([\w.]+)\}", lambda hit: constants.get(hit.group(1), hit.group(0)), text)
    text = _rewrite(text, "problemname", 1, lambda _: "")
    text = re.sub(r"\\(problemname|nextsample|remainingsamples)\b", "", text)
    for word in ("Input", "Output", "Interaction"):
        text = text.replace(f"\\begin{{{word}}}", f"\\section*{{{word}}}").replace(f"\\end{{{word}}}", "")
    text = _WRAPPED.sub(r"\\begin{figure}", text)
    text = re.sub(r"\\end\{wrapfigure\*?\}", r"\\end{figure}", text)
    text = re.sub(r"\\cline\s*\{[^{}]*\}", "", text)
    return _rewrite(text, "illustration", 3, _figure)


def _figure(arguments: list[str]) -> str:
    _, file, caption = arguments
    return f"\\begin{{figure}}\\includegraphics{{{file}}}\\caption{{{caption}}}\\end{{figure}}"


def _rewrite(text: str, command: str, count: int, make: Callable[[list[str]], str]) -> str:
    """Every use of a command with that many arguments, which may hold braces of their own, made anew."""
    parts, at = [], 0
    for hit in re.finditer(rf"\\{command}(?![a-zA-Z])", text):
        found = _arguments(text, hit.end(), count)
        if hit.start() >= at and found is not None:
            parts += [text[at : hit.start()], make(found[0])]
            at = found[1]
    return "".join([*parts, text[at:]])


def _arguments(text: str, at: int, count: int) -> tuple[list[str], int] | None:
    """That many groups in braces from a place on, and where they end."""
    found = []
    for _ in range(count):
        while text[at : at + 1].isspace():
            at += 1
        group = _group(text, at)
        if group is None:
            return None
        found.append(group[0])
        at = group[1]
    return found, at


def _group(text: str, at: int) -> tuple[str, int] | None:
    """What stands between a brace and the one that closes it, and where that ends."""
    depth, place = 0, at
    while place < len(text):
        char = text[place]
        if char == "\\":
            place += 1
        depth += (char == "{") - (char == "}")
        if depth == 0:
            return (text[at + 1 : place], place + 1) if char == "}" else None
        place += 1
    return None
