"""Renders statements in Markdown, LaTeX or HTML to sanitised HTML. Of a PDF, only the file's name is kept.

Pandoc converts Markdown and LaTeX, and writes mathematics as MathML, which browsers show by themselves. All
HTML passes through a sanitiser, since authors are not trusted. Each part that cannot be shown becomes a
warning with its line.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from judge_core.model.problem import Statement
from judge_core.packages.constants import substitute
from judge_core.packages.diagnostics import Diagnostic
from judge_core.packages.public_files import STATEMENT_NAME, STATEMENTS_AT_THE_TOP
from judge_core.packages.statements.drawings import DRAWN, Drawings
from judge_core.packages.statements.html_formulas import html_formulas
from judge_core.packages.statements.latex_commands import keep_words, latex_name, plain_latex
from judge_core.packages.statements.latex_notes import ConversionWarnings, conversion_warnings
from judge_core.packages.statements.pandoc import CannotConvert, Converted, convert
from judge_core.packages.statements.pictures import Pictures
from judge_core.packages.statements.pieces import Piece, Pieces, cut, short_reason
from judge_core.packages.statements.sanitiser import lost_tags, sanitise
from judge_core.packages.statements.source_text import SourceText, read_source

_SAMPLE_PLACEHOLDER = re.compile(r"\{\{(?:nextsample|remainingsamples)\}\}")
_GRAPHICS_PATH = re.compile(r"\\graphicspath\s?\{((?:\s?\{[^{}\n]{0,200}\})+)\s?\}")
_FAILED_FORMULA = re.compile(r'<span class="math (inline|display)">\$+(.*?)\$+</span>', re.DOTALL)
_CELL = re.compile(r'(<t[dh]\b[^>]*?) style="text-align: (left|center|right);?"')
_ANNOTATION = re.compile(r'(<annotation encoding="application/x-tex">)([^<]*)')
_MOST_CHARS = 2 * 1024 * 1024
_SECONDS = 30.0
"""The time for all statements of a package together, in seconds."""


@dataclass(frozen=True, slots=True)
class RenderedStatements:
    """Every statement of a package, English first, with the pictures that were made for them, by name."""

    statements: tuple[Statement, ...]
    warnings: tuple[Diagnostic, ...]
    pictures: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class StatementInput:
    """The part of a package that its statements depend on."""

    folder: Path
    slug: str
    names: dict[str, str]
    constants: dict[str, str]


def render(package: StatementInput) -> RenderedStatements:
    """Every statement of the package, English first, then by language, with warnings about parts that are not
    shown."""
    renderer = _Renderer(package, time.monotonic() + _SECONDS)
    found: dict[str, Statement] = {}
    for path in candidates(package.folder):
        hit = STATEMENT_NAME.fullmatch(path.name)
        if hit and path.is_file():
            language, kind = hit.group("language") or "en", hit.group("kind")
            if language not in found or (found[language].pdf and kind != "pdf"):
                found[language] = renderer.render(path, language, kind)
            elif kind != "pdf":
                message = f"is not shown: the package has another statement in {language}"
                renderer.warn(Diagnostic(path.relative_to(package.folder).as_posix(), message, warning=True))
    ordered = sorted(found.values(), key=lambda each: (each.language != "en", each.language))
    return RenderedStatements(tuple(ordered), tuple(renderer.faults), renderer.pictures.made)


def candidates(folder: Path) -> list[Path]:
    roots = [folder / name for name in ("statement", "problem_statement")]
    return [
        *(path for root in roots if root.is_dir() for path in sorted(root.iterdir())),
        *(folder / name for name in STATEMENTS_AT_THE_TOP),
    ]


class _Renderer:
    """Renders the statements of one package until a deadline."""

    def __init__(self, package: StatementInput, deadline: float) -> None:
        self._package = package
        self._deadline = deadline
        self.pictures = Pictures(package.folder.resolve(), package.slug)
        self._drawings = Drawings(self.pictures.keep_drawing, deadline)
        self.faults: list[Diagnostic] = []

    def warn(self, fault: Diagnostic) -> None:
        if fault not in self.faults:
            self.faults.append(fault)

    def render(self, path: Path, language: str, kind: str) -> Statement:
        name = self._package.names.get(language, "")
        if kind == "pdf":
            return Statement(language, name, "", pdf=path.relative_to(self._package.folder).as_posix())
        source = read_source(self._package.folder, path)
        if kind == "tex":
            name = name or self._text_of(latex_name(source.text))
            shown = self._latex(source)
        else:
            text = self._substitute(_SAMPLE_PLACEHOLDER.sub("", source.text), source)
            shown = self._html(text, source) if kind in ("html", "htm") else self._markdown(text, source)
        shown = self._with_pictures(shown, path, source)
        for tag, words, line in lost_tags(shown):
            source.warn(
                f"<{tag}> is not shown: a statement cannot hold {words}", source.line_of(f"<{tag}") or line
            )
        for fault in source.faults:
            self.warn(fault)
        return Statement(language, name, sanitise(shown))

    def _substitute(self, text: str, source: SourceText) -> str:
        """The text with the package's constants, unless they would make it too long."""
        constants = self._package.constants
        longest = max((len(value) for value in constants.values()), default=0)
        if len(text) + longest * text.count("{{") > _MOST_CHARS:
            source.warn("is too long with its constants: they are not filled in")
            return text
        return substitute(text, constants)

    def _text_of(self, name: str) -> str:
        """A name in LaTeX as text."""
        if not re.search(r"[\\${}~`'^_]|--", name):
            return name
        try:
            words = convert(plain_latex(name, {}).text, "tex", "plain", self._seconds).text
        except CannotConvert:
            return name
        return " ".join(words.split()) or name

    def _html(self, text: str, source: SourceText) -> str:
        """An HTML statement as it is. Its formulas in TeX are not converted. A warning names the first of
        them."""
        formulas = html_formulas(text)
        if formulas:
            (first, line), more = formulas[0], len(formulas) - 1
            found = " ".join(first.split())[:60] + (f" and {more} more" if more else "")
            source.warn(
                f"{found}: formulas in TeX are shown as they were written in HTML; write them as <math>, "
                "or the statement in Markdown",
                line,
            )
        return text

    def _markdown(self, text: str, source: SourceText) -> str:
        try:
            made = convert(text, "md", seconds=self._seconds)
        except CannotConvert as error:
            source.warn(f"is shown as it was written, since it cannot be converted: {error}")
            return f"<pre>{html.escape(text)}</pre>"
        self._warn_of_formulas(made, source)
        return _polish(made.text)

    def _latex(self, source: SourceText) -> str:
        has_samples = any((self._package.folder / "data" / "sample").glob("*"))
        drawn = self._drawings.draw(source.text, source.warn)
        plain = plain_latex(drawn, self._constants(source), has_samples)
        for line in plain.lone_dollars:
            source.warn("a $ opens no formula that ends in its paragraph: it is shown as $ (write \\$)", line)
        for file in plain.files:
            source.warn(f"names the file {file}: programs read standard input and write standard output here")
        made, found, text = self._convert(plain.text, source)
        if found.unknown:
            text = keep_words(text, found.unknown)
            made, again, text = self._convert(text, source)
            found = found.with_second(again)
        for message, at in found.messages:
            source.warn(message, at)
        self._warn_of_formulas(made, source)
        return _with_chemistry(_polish(made.text), plain.chemical)

    def _constants(self, source: SourceText) -> dict[str, str]:
        constants = self._package.constants
        longest = max((len(value) for value in constants.values()), default=0)
        if len(source.text) + longest * source.text.count("\\constant") > _MOST_CHARS:
            source.warn("is too long with its constants: they are not filled in")
            return {}
        return constants

    def _convert(self, text: str, source: SourceText) -> tuple[Converted, ConversionWarnings, str]:
        """The HTML, what pandoc left out of it, and the text that was converted."""
        try:
            made = convert(text, "tex", seconds=self._seconds)
        except CannotConvert as error:
            made = self._convert_pieces(text, source, error)
        return made, conversion_warnings(made.notes, text), text

    def _convert_pieces(self, text: str, source: SourceText, error: CannotConvert) -> Converted:
        """The HTML of a text that has a fault. Only the piece with the fault stays as it was written."""
        parts = cut(text) if error.line is not None else [Piece(text, 1)]
        if len(parts) < 2:
            reason = short_reason(str(error))
            source.warn(f"is shown as it was written, since it cannot be converted: {reason}", error.line)
            return Converted(f"<pre>{html.escape(text)}</pre>\n")
        pieces = Pieces(parts, lambda each: convert(each, "tex", seconds=self._seconds))
        made = pieces.convert()
        for line, reason in pieces.failures:
            source.warn(f"cannot be converted from here on, and is shown as it was written: {reason}", line)
        if not pieces.failures:
            source.warn(f"is shown in pieces: {str(error).splitlines()[-1]}", error.line)
        return made

    @property
    def _seconds(self) -> float:
        return min(10.0, max(0.1, self._deadline - time.monotonic()))

    def _warn_of_formulas(self, made: Converted, source: SourceText) -> None:
        for note in made.notes:
            if note.kind == "CouldNotConvertTeXMath" and DRAWN in note.contents:
                source.warn("a drawing within a formula is not shown: put it outside of the formula")
            elif note.kind == "CouldNotConvertTeXMath" and not _drawn_by_pages(note.contents):
                words = " ".join(note.contents.split())
                first = note.contents.strip().split("\n")[0]
                source.warn(
                    f"the formula {words[:80]} is shown as TeX: it has a command unknown here",
                    source.line_of(first),
                )

    def _with_pictures(self, shown: str, path: Path, source: SourceText) -> str:
        roots = [
            root
            for hit in _GRAPHICS_PATH.finditer(source.text)
            for root in re.findall(r"\{([^{}]*)\}", hit.group(1))
        ]
        shown = self.pictures.rewrite(shown, path.parent.resolve(), tuple(roots[:10]))
        for name, message in self.pictures.faults:
            line = next(
                filter(None, (source.line_of(mark + name) for mark in ("{", "(", '"', "'", ""))), None
            )
            source.warn(f"{name[:100]} {message}", line)
        return shown


def _polish(text: str) -> str:
    """The HTML with alignments of table cells as attributes, and with failed formulas as MathML that contains
    their TeX. The pages try to draw the TeX."""
    return _CELL.sub(r'\1 align="\2"', _FAILED_FORMULA.sub(_formula, text))


def _with_chemistry(text: str, written: Mapping[str, str]) -> str:
    """The HTML with the author's TeX in chemical formulas, since the pages draw it better than pandoc's
    MathML."""

    def annotation(hit: re.Match[str]) -> str:
        tex = html.unescape(hit.group(2))
        return hit.group(1) + html.escape(written.get(tex, tex), quote=False)

    return _ANNOTATION.sub(annotation, text) if written else text


def _formula(hit: re.Match[str]) -> str:
    tex = hit.group(2)
    block = ' display="block"' if hit.group(1) == "display" else ""
    annotation = f'<annotation encoding="application/x-tex">{tex}</annotation>'
    return f"<math{block}><semantics><mtext>{tex}</mtext>{annotation}</semantics></math>"


_PAGES_DRAW = re.compile(
    r"\\(?:textcolor|color|colorbox|fcolorbox|tag|htmlClass|middle|rule|raisebox)(?![a-zA-Z])"
)


def _drawn_by_pages(formula: str) -> bool:
    return bool(_PAGES_DRAW.search(formula))
