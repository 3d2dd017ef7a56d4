"""Rewrites LaTeX that pandoc cannot read: commands of package formats, boxes, captions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from judge_core.packages.statements.latex_math import (
    escape_lone_dollars,
    plain_formula,
    rewrite_formulas,
    verbatim_formula,
)
from judge_core.packages.statements.latex_text import (
    ProtectedText,
    brace_ends,
    in_one_paragraph,
    keep_lines,
    rewrite,
)

_ARGUMENT = r"\s*+(?:\[[^\[\]]{0,200}\]\s*+)?\{[^{}]{0,200}\}"
_WRAPPED = re.compile(rf"\\begin\{{wrap(figure|table)\*?\}}{_ARGUMENT}{_ARGUMENT}")
_SIZED = re.compile(rf"(\\begin\{{(?:multicols\*?|adjustbox|spacing|floatrow)\}}){_ARGUMENT}")
_PLAIN_NAME = re.compile(r"^%+[^\S\n]*plainproblemname:[^\S\n]*(\S.*)", re.MULTILINE)
_NAME = re.compile(r"\\problemname\s*(?=\{)|\\begin\s*\{problem\}\s*(?=\{)")
_ENVIRONMENT_OR_CAPTION = re.compile(
    r"\\(?P<edge>begin|end)\{(?P<name>figure|table|longtable|subfigure|subtable|minipage|algorithm)\*?\}"
    r"|(?P<caption>\\caption(?![a-zA-Z])\*?)"
)
_FLOATS = ("figure", "table", "longtable", "subfigure", "subtable")
_MAX_NESTING = 5
_HEADINGS = {
    "InputFile": "Input",
    "OutputFile": "Output",
    "Interaction": "Interaction",
    "Scoring": "Scoring",
    "Notes?": "Note",
    "Explanations?": "Explanation",
    "Limits": "Limits",
    "Constraints": "Constraints",
    "Specification": "Specification",
    "Tutorial": "Tutorial",
}
_SYMBOLS = {
    "textellipsis": "…",
    "texteuro": "€",
    "degree": "°",
    "textcelsius": "°C",
    "tick": "✓",
    "checkmark": "✓",
}
_BEFORE_NUMBER = re.compile(
    r"(\\(?!(?:(?:[hv]|par|baseline|line|top|left|right|tab|display)skip|kern|parindent|[a-z]*penalty|tolerance"
    r"|(?:text|line|column|page|paper)?(?:width|height)|[a-z]*sep|[a-z]*rule|hline|cline|hangafter|item|begin|end)"
    r"(?![a-zA-Z]))[a-zA-Z]{2,40})(?=[ \t]*\n?[ \t]*[-+]?[\d.])"
)
"""A command before a number of the text. If pandoc does not know the command, it reads the number as a
length."""
_PAGE = re.compile(
    r"(\\includegraphics\s?\[(?=[^\[\]]{0,200}page\s?=\s?([0-9]{1,4})[,\]])[^\[\]]{0,200}\]\s?\{[^{}\n?]{1,200})\}"
)
"""A page of a PDF. Pandoc drops the option, so the page is added to the picture's name."""
_STEPS = {
    "While": ("while", "do"),
    "ForAll": ("for all", "do"),
    "For": ("for", "do"),
    "ElsIf": ("else if", "then"),
    "If": ("if", "then"),
    "Until": ("until", ""),
}
_STANDARD_STREAMS = re.compile(r"\s*(std(in|out)|(standard|стандартн\w+) .*|)\s*", re.IGNORECASE)

Make = Callable[[list[str]], str]


def _last(values: list[str]) -> str:
    """The words of a box. They stay in braces if possible, so that a setting among them ends with the box."""
    words = values[-1]
    return words if "\n\n" in words or "\\begin" in words else f"{{{words}}}"


def _figure(values: list[str]) -> str:
    _, file, caption = values
    words = in_one_paragraph(caption)
    shown = f"\\caption{{{words}}}" if words.replace("%", "").strip() else "%\n" * words.count("\n")
    return f"\\begin{{figure}}\\includegraphics{{{file}}}{shown}\\end{{figure}}"


def _one_line(values: list[str]) -> str:
    return "{" + re.sub(r"\\\\(?:\[[^\]\n]{0,20}\])?", " ", values[-1]) + "}"


_REWRITTEN: tuple[tuple[str, int, int, Make], ...] = (
    ("illustration", 3, 2, _figure),
    (
        "fbox|framebox|makebox|centerline|reflectbox|shadowbox|ovalbox|doublebox|hl|llap|rlap|clap|smash",
        1,
        1,
        _last,
    ),
    ("raisebox|scalebox|rotatebox|adjustbox", 2, 2, _last),
    ("resizebox|multirow|fcolorbox", 3, 3, _last),
    ("makecell|thead|shortstack", 1, 1, _one_line),
    ("captionof", 2, 2, lambda values: _caption_alone(values[1])),
    ("subcaptionbox", 2, 2, lambda values: f"\\emph{{{values[0]}}} {{{values[1]}}}"),
    ("epsfbox|epsffile", 1, 1, lambda values: f"\\includegraphics{{{values[0]}}}"),
    ("t", 1, 1, lambda values: f"\\texttt{{{values[0]}}}"),
)


@dataclass(frozen=True, slots=True)
class PlainLatex:
    """LaTeX for pandoc, with as many lines as the author's text, and the lines of doubtful parts."""

    text: str
    lone_dollars: tuple[int, ...] = ()
    files: tuple[str, ...] = ()
    chemical: Mapping[str, str] = field(default_factory=dict)
    """Maps each formula with chemistry, as pandoc gets it, to the author's text, which the pages draw."""


def latex_name(text: str) -> str:
    """The problem's name in a statement, in LaTeX. Empty if the statement has none."""
    plain = _PLAIN_NAME.search(text)
    if plain:
        return plain.group(1).rstrip()
    text = ProtectedText(text).text
    found = _NAME.search(text)
    end = brace_ends(text).get(found.end()) if found else None
    name = text[found.end() + 1 : end] if found and end else ""
    return "" if "\\problemyamlname" in name else name


def plain_latex(text: str, constants: dict[str, str], has_samples: bool = True) -> PlainLatex:
    """LaTeX without the commands that pandoc does not know. Samples are shown below the statement, not at the
    place where the statement includes them."""
    protected = ProtectedText(text)
    text = re.sub(
        r"\\constant\{([\w.]+)\}", lambda hit: constants.get(hit.group(1), hit.group(0)), protected.text
    )
    text, lone = escape_lone_dollars(text)
    chemical: dict[str, str] = {}

    def formula(words: str) -> str:
        written = protected.expand(words, verbatim_formula)
        made = plain_formula(written)
        if "\\ce" in written and "\\ce" not in made:
            chemical[made.strip()] = written.strip()
        return protected.protect(made)

    text = rewrite_formulas(text, formula)
    text = rewrite(text, "ce|cf", 1, lambda values: "$" + formula(f"\\ce{{{values[0]}}}") + "$")
    text = _PAGE.sub(r"\1?page=\2}", text)
    text, files = _without_problem(text)
    text = _without_format_commands(text)
    text = _examples(text, protected, has_samples)
    text = _algorithm(text)
    text = re.sub(r"\\multirow\s?(\{[^{}]{0,20}\})\s?\*", r"\\multirow\1{*}", text)
    for commands, count, least, make in _REWRITTEN:
        text = _rewrite_nested(text, commands, count, least, make)
    text = _WRAPPED.sub(lambda hit: keep_lines(hit.group(), f"\\begin{{{hit.group(1)}}}"), text)
    text = re.sub(r"\\end\{wrap(figure|table)\*?\}", r"\\end{\1}", text)
    text = _SIZED.sub(lambda hit: keep_lines(hit.group(), hit.group(1)), text)
    text = re.sub(r"\\(?:subfloat|subfigure)\s?\[([^\[\]]{0,500})\]", r"\\emph{\1} ", text)
    text = _BEFORE_NUMBER.sub(r"\1{}", _captions(text))
    return PlainLatex(protected.expand(text), tuple(lone), files, chemical)


def keep_words(text: str, commands: dict[str, int]) -> str:
    """The text with each unknown command replaced by its words. Each has the given number of arguments."""
    protected = ProtectedText(text)
    text = protected.text
    for command, count in commands.items():
        text = _rewrite_nested(text, re.escape(command), count, count, _last)
    return protected.expand(text)


def _rewrite_nested(text: str, commands: str, count: int, least: int, make: Make) -> str:
    for _ in range(_MAX_NESTING):
        made = rewrite(text, commands, count, make, least)
        if made == text or commands == "illustration":
            return made
        text = made
    return text


def _without_format_commands(text: str) -> str:
    text = rewrite(text, "problemname", 1, lambda _: "")
    text = re.sub(r"\\(problemname|nextsample|remainingsamples)(?![a-zA-Z])", "", text)
    for word in ("Input", "Output", "Interaction"):
        text = text.replace(f"\\begin{{{word}}}", f"\\section*{{{word}}}").replace(f"\\end{{{word}}}", "")
    for command, words in _HEADINGS.items():
        text = re.sub(rf"\\{command}(?![a-zA-Z{{])", rf"\\section*{{{words}}} ", text)
    for command, symbol in _SYMBOLS.items():
        text = re.sub(rf"\\{command}(?![a-zA-Z])(\{{\}})?", symbol, text)
    return re.sub(r"\\(?:cline|cmidrule)\s*(?:\([^()]{0,20}\))?\s*\{[^{}]*\}", "", text)


def _without_problem(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without the frame that olymp.sty puts around a statement, and the files that the frame
    names."""
    if "\\begin{problem}" not in text and "\\begin {problem}" not in text:
        return text, ()
    text = re.sub(r"\\begin\s?\{problem\}", r"\\gavelproblem", text)
    text = re.sub(r"\\end\s?\{problem\}", "", text)
    files: list[str] = []

    def note(values: list[str]) -> str:
        files.extend(each for each in values[1:3] if not _STANDARD_STREAMS.fullmatch(each))
        return ""

    return rewrite(text, "gavelproblem", 6, note, least=1), tuple(files)


def _examples(text: str, protected: ProtectedText, has_samples: bool) -> str:
    """The text without olymp.sty's examples if the package has samples. If it has none, the examples become
    verbatim text."""
    if has_samples:
        text = re.sub(r"\\Examples?(?![a-zA-Z{])", "", text)
        text = rewrite(text, "exmp|exmpfile", 2, lambda _: "")
    else:
        text = re.sub(r"\\Examples?(?![a-zA-Z{])", r"\\section*{Example} ", text)
        text = rewrite(text, "exmp", 2, lambda values: "".join(_verbatim(each, protected) for each in values))
    return re.sub(r"\\(?:begin|end)\s?\{(?:example|examplewide|examplethree)\}", "", text)


def _verbatim(words: str, protected: ProtectedText) -> str:
    words = protected.expand(words).strip("\n")
    return protected.protect(f"\\begin{{verbatim}}\n{words}\n\\end{{verbatim}}")


def _algorithm(text: str) -> str:
    """The commands of algorithmic and algpseudocode, one line each."""
    if "\\begin{algorithmic}" not in text:
        return text
    for command, (before, after) in _STEPS.items():
        text = rewrite(text, command, 1, partial(_step, before, after))
    text = re.sub(r"\\(End(?:While|For|If|Function|Procedure)|Else|Loop|EndLoop)(?![a-zA-Z])", _keyword, text)
    return re.sub(r"\\(?:State|Statex|STATE)(?![a-zA-Z])", r"\\\\{}", text)


def _step(before: str, after: str, values: list[str]) -> str:
    return f"\\\\{{}}\\textbf{{{before}}} {values[0]} \\textbf{{{after}}}"


def _keyword(hit: re.Match[str]) -> str:
    return "\\\\{}\\textbf{" + re.sub(r"(?<=[a-z])(?=[A-Z])", " ", hit.group(1)).lower() + "}"


def _captions(text: str) -> str:
    """The text with each caption in one paragraph. A caption outside a figure or table becomes a line of
    text."""
    ends = brace_ends(text)
    inside: list[str] = []
    parts, at = [], 0
    for hit in _ENVIRONMENT_OR_CAPTION.finditer(text):
        if hit.group("edge") == "begin":
            inside.append(hit.group("name"))
        elif hit.group("edge") and hit.group("name") in inside:
            while inside.pop() != hit.group("name"):
                pass
        elif hit.group("caption") and hit.start() >= at:
            opening = _caption_words(text, hit.end())
            if opening in ends:
                words = in_one_paragraph(text[opening + 1 : ends[opening]])
                is_floating = bool(inside) and inside[-1] in _FLOATS
                parts += [
                    text[at : hit.start()],
                    f"\\caption{{{words}}}" if is_floating else _caption_alone(words),
                ]
                at = ends[opening] + 1
    return "".join([*parts, text[at:]])


def _caption_words(text: str, at: int) -> int:
    option = re.compile(r"\s*\[[^\[\]\n]{0,500}\]\s*|\s*").match(text, at)
    return option.end() if option else at


def _caption_alone(words: str) -> str:
    return f"\\\\{{}}\\emph{{{in_one_paragraph(words)}}}"
