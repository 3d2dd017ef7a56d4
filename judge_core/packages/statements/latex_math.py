"""Finds formulas in LaTeX and dollar signs without a formula, and replaces commands that pandoc does not
know."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from judge_core.packages.statements.latex_text import rewrite

_ENVIRONMENTS = r"(?:equation|align|alignat|gather|multline|eqnarray|displaymath|math|flalign|dmath)\*?"
_DOLLAR = re.compile(r"\\.|\$\$|\$|\n[ \t]*\n", re.DOTALL)
_BOUNDARY = re.compile(
    r"\\(?:begin|end)\{(?:itemize|enumerate|description|figure|table|center|tabular[x*]?|quote|Input|Output|Interaction"
    r"|document|problem|minipage|example)\}"
    r"|\\(?:item|section|subsection|paragraph|InputFile|OutputFile|Note)(?![a-zA-Z])"
)
_PROSE = re.compile(r"(?<![\\a-zA-Z{])[a-zA-Z]{3,}(?![a-zA-Z}(])")
_SEVERAL = 25
_OPENING = re.compile(
    rf"\\.|\$\$?|\\\(|\\\[|\\begin\{{(?P<name>{_ENVIRONMENTS})\}}",
    re.DOTALL,
)
_SIMPLE = {
    r"hbox|mathmbox": "\\mbox",
    r"mathbbm|mathds|mathbbold": "\\mathbb",
    r"oldstylenums|ensuremath": "",
    r"textrm|textnormal|textup": "\\text",
}
_CHARGE = re.compile(r"\^\{?([0-9]*[+-])\}?|(?<=[A-Za-z\])])([+-])(?=$|[\s\])])")
_ARROWS = {
    "<=>": r"\rightleftharpoons ",
    "<->": r"\leftrightarrow ",
    "->": r"\rightarrow ",
    "<-": r"\leftarrow ",
}


def escape_lone_dollars(text: str) -> tuple[str, list[int]]:
    """The text in which each dollar sign that opens no formula is escaped, and the lines of these signs.

    A formula ends in its paragraph. So in a paragraph with an odd number of signs, one sign belongs to no
    formula. It is the sign without which the other signs enclose the least prose. If there are more than
    ``_SEVERAL`` signs, it is the last one.
    """
    lone = [at for signs in _paragraphs(text) if len(signs) % 2 for at in [_lone(text, signs)]]
    parts, at = [], 0
    for place in lone:
        parts += [text[at:place], "\\"]
        at = place
    return "".join([*parts, text[at:]]), [text.count("\n", 0, place) + 1 for place in lone]


def _paragraphs(text: str) -> list[list[int]]:
    """The places of single dollar signs, by paragraph."""
    found: list[list[int]] = [[]]
    at = 0
    while hit := _DOLLAR.search(text, at):
        boundary = _BOUNDARY.match(text, hit.start())
        at = boundary.end() if boundary else hit.end()
        if hit.group() == "$":
            found[-1].append(hit.start())
        elif boundary or hit.group().startswith("\n"):
            found.append([])
            at = at if boundary else at - 1
    return found


def _lone(text: str, signs: list[int]) -> int:
    if len(signs) > _SEVERAL:
        return signs[-1]
    return min(reversed(signs), key=lambda sign: _prose(text, [at for at in signs if at != sign]))


def _prose(text: str, signs: list[int]) -> int:
    """The amount of prose between these signs, taken in pairs."""
    formulas = (text[start + 1 : end] for start, end in zip(signs[::2], signs[1::2], strict=True))
    return sum(len(_PROSE.findall(each)) * 2 + each.startswith(" ") + each.endswith(" ") for each in formulas)


def rewrite_formulas(text: str, make: Callable[[str], str]) -> str:
    """The text with each formula replaced by the result of ``make``. The marks around the formulas stay."""
    parts, at, unclosed = [], 0, set[str]()
    while hit := _OPENING.search(text, at):
        closing = _closing(hit)
        start = hit.end()
        end = _end(text, closing, start) if closing and closing not in unclosed else -1
        if end < 0:
            unclosed.add(closing)
            parts.append(text[at:start])
            at = start
            continue
        parts += [text[at:start], make(text[start:end]), closing]
        at = end + len(closing)
    return "".join([*parts, text[at:]])


def _end(text: str, closing: str, at: int) -> int:
    end = text.find(closing, at)
    while end > 0 and closing.startswith("$") and text[end - 1] == "\\":
        end = text.find(closing, end + 1)
    return end


def _closing(hit: re.Match[str]) -> str:
    word = hit.group()
    if hit.group("name"):
        return f"\\end{{{hit.group('name')}}}"
    return {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}.get(word, "")


def plain_formula(formula: str) -> str:
    """A formula without the commands that pandoc does not know in formulas."""
    for names, instead in _SIMPLE.items():
        if "\\" in formula:
            formula = rewrite(formula, names, 1, partial(_renamed, instead))
    return rewrite(formula, "ce|cf", 1, lambda values: chemistry(values[0]))


def _renamed(command: str, values: list[str]) -> str:
    return f"{command}{{{values[0]}}}"


def verbatim_formula(verb: str) -> str:
    """A \\verb as text in typewriter letters, since a formula cannot contain a \\verb."""
    mark = verb.index("b") + 1
    mark += verb[mark] == "*"
    words = re.sub(r"([#$%&_{}])", r"\\\1", verb[mark + 1 : -1].replace("\\", "\\textbackslash "))
    return f"\\texttt{{{words}}}"


def chemistry(formula: str) -> str:
    """A formula of mhchem in plain LaTeX: elements, counts, charges and arrows."""
    made = formula.replace("{", "").replace("}", "") if "\\" not in formula else formula
    for arrow, command in _ARROWS.items():
        made = made.replace(arrow, command)
    made = _CHARGE.sub(lambda hit: f"^{{{hit.group(1) or hit.group(2)}}}", made)
    made = re.sub(r"(?<=[A-Za-z)\]])(\d+)(?![+\-\d]*\})", r"_{\1}", made)
    return f"\\mathrm{{{made}}}"
