"""Renders statements in Markdown, LaTeX or HTML to sanitised HTML; a PDF is only named.

Pandoc converts them (in its sandboxed mode, which opens no other file) and writes mathematics as MathML,
which browsers show by themselves. Its output passes through a sanitiser, since authors are not trusted.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import quote, unquote

import nh3
import pypandoc

from judge_core.model.problem import Statement
from judge_core.packages.latex import latex_name, plain_latex
from judge_core.packages.leftover_files import STATEMENT_NAME, STATEMENTS_AT_THE_TOP
from judge_core.packages.package import Package
from judge_core.packages.yaml_reader import substitute

_FORMATS = {"md": "markdown-yaml_metadata_block-raw_tex", "tex": "latex"}
_PICTURE = re.compile(r'(<img\b[^>]*?\ssrc=")([^":]+)(")')
_EXTERNAL_ADDRESS = re.compile(r"[\s\x00-\x1f]*([a-zA-Z][a-zA-Z0-9+.-]*:|[/\\][\s]*[/\\])")
MAX_BYTES = 1024 * 1024
_SAMPLE_PLACEHOLDER = re.compile(r"\{\{(?:nextsample|remainingsamples)\}\}")

_MATH = (
    "math",
    "semantics",
    "annotation",
    "mrow",
    "mi",
    "mn",
    "mo",
    "ms",
    "mtext",
    "mspace",
    "msup",
    "msub",
    "msubsup",
    "mfrac",
    "msqrt",
    "mroot",
    "mover",
    "munder",
    "munderover",
    "mtable",
    "mtr",
    "mtd",
    "mstyle",
    "mpadded",
    "mphantom",
    "menclose",
    "mmultiscripts",
    "mprescripts",
    "none",
    "merror",
)
_TAGS = nh3.ALLOWED_TAGS | set(_MATH) | {"figure", "figcaption", "section", "u"}
_MATH_ATTRIBUTES = {
    "display",
    "encoding",
    "xmlns",
    "stretchy",
    "form",
    "accent",
    "columnalign",
    "columnspacing",
    "rowspacing",
    "mathvariant",
    "linethickness",
    "width",
    "height",
    "depth",
    "lspace",
    "rspace",
    "fence",
    "separator",
    "minsize",
    "maxsize",
    "scriptlevel",
    "displaystyle",
    "notation",
    "movablelimits",
}
_ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    **dict.fromkeys(_MATH, _MATH_ATTRIBUTES),
    "code": {"class"},
    "pre": {"class"},
    "span": {"class"},
    "div": {"class"},
    "img": {"src", "alt", "width", "height", "title"},
}


def render_statements(package: Package) -> tuple[Statement, ...]:
    """Every statement of the package, English first, then by language."""
    roots = [package.folder / name for name in ("statement", "problem_statement")]
    paths = [path for root in roots if root.is_dir() for path in sorted(root.iterdir())]
    paths += [package.folder / name for name in STATEMENTS_AT_THE_TOP]
    found: dict[str, Statement] = {}
    for path in paths:
        hit = STATEMENT_NAME.fullmatch(path.name)
        if hit and path.is_file():
            language = hit.group("language") or "en"
            statement = _render(package, path, language, hit.group("kind"))
            if language not in found or found[language].pdf:
                found[language] = statement
    return tuple(sorted(found.values(), key=lambda each: (each.language != "en", each.language)))


def _render(package: Package, path: Path, language: str, kind: str) -> Statement:
    name = package.metadata.names.get(language, "")
    if kind == "pdf":
        return Statement(language, name, "", pdf=path.relative_to(package.folder).as_posix())
    text = path.read_bytes()[:MAX_BYTES].decode("utf-8-sig", errors="replace")
    constants = package.metadata.constants
    if kind == "tex":
        name = name or latex_name(text)
        text = plain_latex(text, constants)
    else:
        text = substitute(_SAMPLE_PLACEHOLDER.sub("", text), constants)
    return Statement(
        language, name, _rewrite_picture_addresses(package, path.parent, sanitise(to_html(text, kind)))
    )


def _rewrite_picture_addresses(package: Package, folder: Path, text: str) -> str:
    """Pictures beside the statement get the address under which the server sends them."""

    def rewritten(hit: re.Match[str]) -> str:
        file = _find_picture(package.folder.resolve(), folder, html.unescape(hit.group(2)))
        if file is None:
            return hit.group(0)
        address = quote(f"/problems/{package.slug}/files/{file.as_posix()}")
        return f"{hit.group(1)}{address}{hit.group(3)}"

    return _PICTURE.sub(rewritten, text)


def _find_picture(root: Path, folder: Path, name: str) -> Path | None:
    """Where it is in the package; LaTeX leaves the ending out."""
    for ending in ("", ".png", ".jpg", ".jpeg", ".svg", ".gif"):
        path = (folder / unquote(f"{name}{ending}")).resolve()
        if path.is_relative_to(root) and path.is_file():
            return path.relative_to(root)
    return None


def to_html(text: str, kind: str) -> str:
    """HTML of a text in Markdown or LaTeX; HTML stays as it is. What cannot be read is shown raw."""
    if kind not in _FORMATS:
        return text
    options = ["--mathml", "--sandbox", "--wrap=none"]
    try:
        return str(pypandoc.convert_text(text, "html5", format=_FORMATS[kind], extra_args=options))
    except RuntimeError:
        return f"<pre>{html.escape(text)}</pre>"


def sanitise(text: str) -> str:
    """Only harmless tags and attributes; links open outside and tell nothing of where they were.

    A picture from elsewhere would tell its owner who reads: only its words stay.
    """
    return nh3.clean(
        text,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_without_external_pictures,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def _without_external_pictures(tag: str, attribute: str, value: str) -> str | None:
    is_elsewhere = (tag, attribute) == ("img", "src") and _EXTERNAL_ADDRESS.match(value)
    return None if is_elsewhere else value
