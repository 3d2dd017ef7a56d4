"""Cleans a statement's HTML. Only harmless tags and attributes are kept, since authors are not trusted."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nh3

ID_PREFIX = "statement-"
"""The beginning of every id in a statement, so that none can be an id of the page around it."""
_EXTERNAL_ADDRESS = re.compile(r"[\s\x00-\x1f]*([a-zA-Z][a-zA-Z0-9+.-]*:|[/\\][\s]*[/\\])")
_IGNORED_IN_ADDRESSES = re.compile(r"[\t\r\n]")
"""Characters that browsers drop anywhere in an address: ``ht\\ntp:`` is ``http:``."""
_ALIGNMENT = re.compile(r'<(t[dh])\b([^<>]{0,200}?)\sstyle="text-align:\s?(left|right|center);?"')
"""The alignment of a column, as the converter writes it in a style. It becomes an attribute, because the
policy of the pages allows no style."""
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
    "*": {"id"},
    "code": {"class"},
    "pre": {"class"},
    "span": {"class"},
    "div": {"class"},
    "img": {"src", "alt", "width", "height", "title"},
}
_LOST_TAGS = {
    "iframe": "an embedded page",
    "object": "an embedded object",
    "embed": "an embedded object",
    "video": "a video",
    "audio": "a sound",
    "svg": "a drawing in SVG: put it in a file beside the statement",
    "canvas": "a drawing",
    "script": "a script",
    "form": "a form",
    "input": "a form's field",
    "button": "a button",
    "select": "a form's field",
    "textarea": "a form's field",
    "applet": "an applet",
}


def sanitise(text: str) -> str:
    """The HTML with harmless tags and attributes only. Links send no referrer. A picture on another server
    would show that server who reads the statement, so only the picture's alternative text stays."""
    return nh3.clean(
        _ALIGNMENT.sub(r'<\1\2 align="\3"', text),
        tags=_TAGS,
        clean_content_tags={"script", "style", "title"},
        attributes=_ATTRIBUTES,
        attribute_filter=_filter_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
        id_prefix=ID_PREFIX,
    )


def _filter_attribute(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) == ("img", "src") and is_elsewhere(value):
        return None
    if (tag, attribute) == ("a", "href") and value.startswith("#") and len(value) > 1:
        return f"#{ID_PREFIX}{value[1:]}"
    return value


def is_elsewhere(address: str) -> bool:
    """Whether a picture's address leads out of the package."""
    return bool(_EXTERNAL_ADDRESS.match(_IGNORED_IN_ADDRESSES.sub("", address)))


def lost_tags(text: str) -> list[tuple[str, str, int]]:
    """The visible parts that the sanitiser removes: tag, words for it, and line. Each tag is listed once."""
    finder = _LostTags()
    finder.feed(text)
    finder.close()
    return [(tag, _LOST_TAGS[tag], line) for tag, line in finder.found.items()]


class _LostTags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _LOST_TAGS:
            self.found.setdefault(tag, self.getpos()[0])
