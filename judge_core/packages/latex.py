"""Rewrites the package format's own LaTeX commands to plain LaTeX, which pandoc reads."""

from __future__ import annotations

import re
from collections.abc import Callable

_OPTION, _ARGUMENT = r"(?:\[[^\[\]]{0,200}\]\s*+)?", r"\{[^{}]{0,200}\}"
_WRAPPED = re.compile(rf"\\begin\{{wrapfigure\*?\}}\s*+{_OPTION}{_ARGUMENT}\s*+{_OPTION}{_ARGUMENT}")
_PLAIN_NAME = re.compile(r"^%+[^\S\n]*plainproblemname:[^\S\n]*(\S.*)", re.MULTILINE)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)


def latex_name(text: str) -> str:
    """The problem's name as a statement says it; empty where it does not."""
    plain = _PLAIN_NAME.search(text)
    if plain:
        return plain.group(1).rstrip()
    found = re.search(r"\\problemname\s*(?=\{)", text)
    end = _ends(text).get(found.end()) if found else None
    return text[found.end() + 1 : end] if found and end else ""


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
    parts, at, ends = [], 0, _ends(text)
    for hit in re.finditer(rf"\\{command}(?![a-zA-Z])", text):
        groups = _arguments(text, hit.end(), count, ends) if hit.start() >= at else None
        if groups is not None:
            arguments = [text[start + 1 : ends[start]] for start in groups]
            parts += [text[at : hit.start()], make(arguments)]
            at = ends[groups[-1]] + 1
    return "".join([*parts, text[at:]])


def _arguments(text: str, at: int, count: int, ends: dict[int, int]) -> list[int] | None:
    """Where that many groups in braces begin, from a place on."""
    found = []
    for _ in range(count):
        while text[at : at + 1].isspace():
            at += 1
        if at not in ends:
            return None
        found.append(at)
        at = ends[at] + 1
    return found


def _ends(text: str) -> dict[int, int]:
    """Where each brace is closed that is: found for all of them at once, however deep they lie."""
    opened: list[int] = []
    ends = {}
    for hit in _BRACE.finditer(text):
        if hit.group() == "{":
            opened.append(hit.start())
        elif hit.group() == "}" and opened:
            ends[opened.pop()] = hit.start()
    return ends
