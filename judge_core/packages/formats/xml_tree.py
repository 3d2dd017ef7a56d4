"""Reads untrusted XML. Entities are refused, and depth, elements and bytes are bounded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from judge_core.packages.diagnostics import BrokenPackage, Diagnostic

MOST_XML_BYTES = 64 * 1024 * 1024
_MOST_ELEMENTS = 200_000
_MOST_DEPTH = 50
_DECLARED = re.compile(rb"""\A\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']""")
_OWN_DECODER = ("gb2312", "gbk", "gb18030", "big5", "euc-kr", "shift_jis", "euc-jp")
"""Encodings with several bytes for a character, which expat does not know."""


class _Refused(Exception):
    """The document has a part that no problem needs, such as an entity."""


@dataclass(slots=True)
class _Glue:
    """Builds a tree from expat's events, within bounds."""

    tree: TreeBuilder = field(default_factory=TreeBuilder)
    depth: int = 0
    elements: int = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > _MOST_DEPTH or self.elements > _MOST_ELEMENTS:
            raise _Refused(
                f"has more than {_MOST_ELEMENTS} elements, or more than {_MOST_DEPTH} within each other"
            )
        self.tree.start(tag, attributes)

    def end(self, tag: str) -> None:
        self.depth -= 1
        self.tree.end(tag)

    def refuse(self, *_: object) -> NoReturn:
        raise _Refused("declares an entity: write the text itself")


def parse_xml(content: bytes, file: str) -> Element:
    """The root element. Raises ``BrokenPackage`` with file and line."""
    if len(content) > MOST_XML_BYTES:
        raise _broken(file, f"has more than {MOST_XML_BYTES >> 20} MiB: split it")
    glue = _Glue()
    text, encoding = _decoded(content, file)
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = glue.start, glue.end
    parser.CharacterDataHandler = glue.tree.data
    parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = glue.refuse
    try:
        parser.Parse(text, True)
        return glue.tree.close()
    except expat.ExpatError as error:
        raise _broken(file, f"is not XML: {expat.ErrorString(error.code)}", error.lineno) from error
    except (LookupError, ValueError) as error:  # caused by the encoding that the first line names
        raise _broken(file, f"is not XML that can be read: {error}", 1) from error
    except _Refused as error:
        raise _broken(file, str(error), parser.CurrentLineNumber) from error


def _decoded(content: bytes, file: str) -> tuple[bytes, str | None]:
    """The document in an encoding that expat reads."""
    hit = _DECLARED.match(content[:400])
    declared = hit.group(1).decode().lower() if hit else ""
    if declared not in _OWN_DECODER:
        return content, None
    wide = "gb18030" if declared.startswith("gb") else declared
    try:
        return content.decode(wide).encode(), "utf-8"
    except UnicodeDecodeError as error:
        raise _broken(
            file, f"is not in {declared}, which its first line declares: byte {error.start}"
        ) from error


def _broken(file: str, message: str, line: int | None = None) -> BrokenPackage:
    return BrokenPackage((Diagnostic(file, message, line=line),))
