"""Draws the tikz pictures of a statement in LaTeX. Each picture is compiled to a PDF as a separate
document."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from judge_core.packages.statements.latex_box import MOST_SECONDS, CannotCompile, compile_pdf
from judge_core.packages.statements.latex_notes import BY_ITSELF
from judge_core.packages.statements.latex_text import ProtectedText, arguments, brace_ends, keep_lines

_GROUPS = {
    "usepackage": 1,
    "usetikzlibrary": 1,
    "usepgfplotslibrary": 1,
    "pgfplotsset": 1,
    "tikzset": 1,
    "colorlet": 2,
    "definecolor": 3,
    "DeclareMathOperator": 2,
    "newcommand": 2,
    "renewcommand": 2,
    "providecommand": 2,
    "def": 1,
}
"""Commands in a statement that its pictures may need, with the number of their groups in braces."""
_START = re.compile(
    rf"\\(?:(?P<setting>{'|'.join(_GROUPS)})|(?P<style>tikzstyle)|(?P<path>tikz))(?![a-zA-Z@])\*?"
    r"|\\begin\s?\{tikzpicture\}"
)
_EDGE = re.compile(r"\\(begin|end)\s?\{tikzpicture\}")
_BARE_NAME = re.compile(r"\s*\\(?:[a-zA-Z@]+|[^a-zA-Z@])")
_STYLE = re.compile(r"\s*\{[^{}]{0,200}\}\s*\+?=\s*\[[^\[\]]{0,2000}\]")
_PARAMETERS = re.compile(r"[^{}\n]{0,200}(?=\{)")
_OPTION = re.compile(r"\s*(?:\[[^\[\]]{0,4000}\]\s*)?")
_STOP = re.compile(r"[;{}]|\n[ \t]*\n")
DRAWN = "gavel-tikz-"
_ALONE = re.compile(
    rf"(?:\\\[|\$\$)([\s%]{{0,9999}}\\includegraphics\{{{DRAWN}\d+\}}[\s%.,]{{0,99}})(?:\\\]|\$\$)"
)
"""A display formula that only centres a drawing."""
_KNOWN_PACKAGES = ("amssymb", "amsfonts", "pgfplots")
_MOST_USES = 1000
_MOST_CHARS, _MOST_SETTINGS_CHARS = 64 * 1024, 32 * 1024
_MOST_DRAWINGS, _SECONDS = 30, 15.0
"""The largest number of drawings of a package, and the seconds that all of them may take together. The rest
of the renderer's time is for the text of the statements."""
_DOCUMENT = r"""\documentclass{article}
\usepackage{amsmath}
\usepackage{tikz}
\pagestyle{empty}
\newsavebox\gavelbox
%s
\begin{document}
\begin{lrbox}{\gavelbox}%%
%s%%
\end{lrbox}
\pdfhorigin=2pt \pdfvorigin=2pt
\pdfpagewidth=\dimexpr\wd\gavelbox+4pt\relax
\pdfpageheight=\dimexpr\ht\gavelbox+\dp\gavelbox+4pt\relax
\shipout\box\gavelbox
\end{document}
"""


@dataclass(frozen=True, slots=True)
class TikzPicture:
    """A picture's place in a text, and the settings that the statement has before it."""

    start: int
    end: int
    settings: tuple[str, ...]


def find_pictures(text: str) -> list[TikzPicture]:
    """The tikz pictures of a text without verbatim parts. Pictures within definitions are left out."""
    ends, environments = brace_ends(text), _environment_ends(text)
    pictures, settings, at = [], list[str](), 0
    for _ in range(_MOST_USES):
        hit = _START.search(text, at)
        if not hit:
            break
        if hit.group("setting") or hit.group("style"):
            end = _setting_end(text, hit, ends)
            if end and sum(map(len, settings)) <= _MOST_SETTINGS_CHARS:
                settings.append(_setting(hit, text[hit.start() : end]))
        else:
            end = _path_end(text, hit.end(), ends) if hit.group("path") else environments.get(hit.start())
            pictures += [TikzPicture(hit.start(), end, tuple(settings))] if end else []
        at = end or hit.end()
    return pictures


def _environment_ends(text: str) -> dict[int, int]:
    opened: list[int] = []
    ends = {}
    for hit in _EDGE.finditer(text):
        if hit.group(1) == "begin":
            opened.append(hit.start())
        elif opened:
            ends[opened.pop()] = hit.end()
    return ends


def _setting_end(text: str, hit: re.Match[str], ends: dict[int, int]) -> int | None:
    if hit.group("style"):
        style = _STYLE.match(text, hit.end())
        return style.end() if style else None
    at, count = hit.end(), _GROUPS[hit.group("setting")]
    if hit.group("setting").endswith(("command", "def")):
        name = _BARE_NAME.match(text, at)
        at, count = (name.end(), 1) if name else (at, count)
    if hit.group("setting") == "def":
        parameters = _PARAMETERS.match(text, at)
        at = parameters.end() if parameters else at
    groups = arguments(text, at, count, ends)
    return ends[groups[-1]] + 1 if len(groups) == count else None


def _setting(hit: re.Match[str], words: str) -> str:
    """A setting as it was written. Only LaTeX packages for drawing are loaded."""
    if hit.group("setting") != "usepackage":
        return words[: _MOST_SETTINGS_CHARS + 1]
    named = re.findall(r"\w+", words[words.rfind("{") :])
    return "".join(f"\\usepackage{{{name}}}" for name in named if name in _KNOWN_PACKAGES)


def _path_end(text: str, at: int, ends: dict[int, int]) -> int | None:
    """Where a \\tikz ends: after its group in braces, or after the first semicolon."""
    option = _OPTION.match(text, at)
    at = option.end() if option else at
    if text[at : at + 1] == "{":
        return ends[at] + 1 if at in ends else None
    while hit := _STOP.search(text, at):
        if hit.group() == ";":
            return hit.end()
        if hit.start() not in ends:
            return None
        at = ends[hit.start()] + 1
    return None


@dataclass(slots=True)
class Drawings:
    """Draws each picture of a package's statements once. ``keep`` stores a PDF under a name."""

    keep: Callable[[str, bytes], None]
    deadline: float
    _left: float = _SECONDS
    _made: dict[str, tuple[str, str]] = field(default_factory=dict)

    def draw(self, text: str, warn: Callable[[str, int | None], None]) -> str:
        """The text with an \\includegraphics in place of each picture. Pictures that cannot be drawn are
        removed."""
        if "tikz" not in text:
            return text
        protected = ProtectedText(text)
        parts, at, line = [], 0, 1
        for picture in find_pictures(protected.text):
            line += protected.expand(protected.text[at : picture.start]).count("\n")
            written = protected.text[picture.start : picture.end]
            settings = protected.expand("\n".join(picture.settings))
            name, fault = self._drawn(settings, protected.expand(written))
            if fault:
                command = "\\begin{tikzpicture}" if written.startswith("\\begin") else "\\tikz"
                warn(f"{command} is not shown, since {fault}: {BY_ITSELF}", line)
            shown = f"\\includegraphics{{{name}}}" if name else ""
            parts += [protected.text[at : picture.start], keep_lines(protected.expand(written), shown)]
            line += protected.expand(written).count("\n")
            at = picture.end
        if not parts:
            return text
        drawn = _ALONE.sub(r"\\begin{center}\1\\end{center}", "".join([*parts, protected.text[at:]]))
        return protected.expand(drawn)

    def _drawn(self, settings: str, written: str) -> tuple[str, str]:
        """The name of a drawing, and the reason if there is none."""
        document = _DOCUMENT % (settings, written)
        if document not in self._made:
            name = f"{DRAWN}{len(self._made) + 1}"
            fault = self._refusal(settings, written) or self._compile(name, document)
            if len(self._made) >= _MOST_DRAWINGS:
                return "", fault
            self._made[document] = ("" if fault else name, fault)
        return self._made[document]

    def _refusal(self, settings: str, written: str) -> str:
        if len(self._made) >= _MOST_DRAWINGS:
            return f"a package has at most {_MOST_DRAWINGS} drawings"
        if len(written) > _MOST_CHARS:
            return f"it has more than {_MOST_CHARS // 1024} KiB"
        if len(settings) > _MOST_SETTINGS_CHARS:
            return f"the definitions before it have more than {_MOST_SETTINGS_CHARS // 1024} KiB"
        return ""

    def _compile(self, name: str, document: str) -> str:
        start = time.monotonic()
        seconds = min(self._left, self.deadline - start, MOST_SECONDS)
        if seconds < 1:
            return f"all drawings of a package may take {_SECONDS:g} s"
        try:
            self.keep(name, compile_pdf(document, seconds))
        except CannotCompile as error:
            return str(error)
        finally:
            self._left -= time.monotonic() - start
        return ""
