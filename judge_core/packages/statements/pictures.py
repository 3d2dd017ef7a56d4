"""Finds a statement's pictures in the package, and draws those that browsers cannot show."""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import re
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from judge_core.packages.public_files import MADE_PICTURES, PICTURE_TYPES, STATEMENT_FOLDERS
from judge_core.packages.statements.bounded_child import MIB, ChildFailed, ChildLimits, run_child
from judge_core.packages.statements.latex_box import CannotCompile
from judge_core.packages.statements.sanitiser import is_elsewhere

_ENDINGS: tuple[str, ...] = ("", *PICTURE_TYPES, ".pdf", ".eps", ".ps", ".tif", ".tiff")
"""The endings to try, in this order, since names in LaTeX may lack an ending. LaTeX prefers a PDF. Here, a
picture that needs no conversion comes first."""
_SHOWN_FOLDERS = (*STATEMENT_FOLDERS, "attachments")
_IMAGE = re.compile(r"<(?:img|embed)\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_LENGTH = re.compile(r"(width|height)\s*:\s*([0-9.]+)(%|px|cm|mm|in|pt|em|ex)?")
_PIXELS = {"px": 1.0, "cm": 37.8, "mm": 3.78, "in": 96.0, "pt": 4 / 3, "em": 16.0, "ex": 8.0}
_DATA = re.compile(r"data:image/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/=\s]+)")
_LONGEST_NAME = 500
_MOST_PIXELS, _MOST_PICTURES, _MOST_BYTES = 2400, 100, 4 * MIB
_LIMITS = ChildLimits(seconds=10, output_bytes=16 * MIB, memory_bytes=1024 * MIB)
_RENDERER = Path(__file__).with_name("pdf_figure.py")


@dataclass(slots=True)
class Pictures:
    """The pictures of one package. ``made`` has those that were made here, by name."""

    root: Path
    slug: str
    made: dict[str, bytes] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    _rendered: dict[tuple[Path, int], str | None] = field(default_factory=dict)
    _drawings: dict[str, str] = field(default_factory=dict)

    def rewrite(self, text: str, folder: Path, roots: tuple[str, ...] = ()) -> str:
        """The HTML with the addresses under which the server sends the pictures.

        Each picture that cannot be shown is added to ``faults``, with the reason. ``roots`` are further
        folders of pictures.
        """
        self.faults = []
        return _IMAGE.sub(lambda hit: self._image(hit.group(), folder, roots), text)

    def _image(self, tag: str, folder: Path, roots: tuple[str, ...]) -> str:
        found = {hit.group(1).lower(): html.unescape(_value(hit)) for hit in _ATTRIBUTE.finditer(tag)}
        source = found.get("src", "")
        attributes = {
            name: found[name] for name in ("alt", "title", "width", "height", "id") if name in found
        }
        attributes |= _size(found.get("style", ""))
        source, page = _page_of(source)
        address = self._address(source, folder, roots, attributes, page)
        attributes = {"src": source if address is None else address, **attributes}
        return (
            "<img " + " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items()) + " />"
        )

    def _address(
        self, source: str, folder: Path, roots: tuple[str, ...], attributes: dict[str, str], page: int
    ) -> str | None:
        embedded = _DATA.fullmatch(source.strip())
        if embedded:
            return self._keep_embedded(embedded)
        if source in self._drawings:
            return self._address_of_made(self._drawings[source], attributes)
        if not source.strip() or is_elsewhere(source):
            self._warn(source, "is a picture from elsewhere and not shown: put it beside the statement")
            return None
        path = self._find(folder, source, roots)
        if path is None:
            self._warn(source, "is a picture that the package does not have")
            return None
        ending = path.suffix.lower()
        if ending == ".pdf":
            return self._rendered_pdf(path, page, source, attributes)
        shown = path.relative_to(self.root)
        if ending not in PICTURE_TYPES:
            self._warn(
                source,
                f"is a picture that browsers do not show ({ending or 'no ending'}): use PNG, SVG or PDF",
            )
        elif shown.parts[0] not in _SHOWN_FOLDERS:
            self._warn(source, f"is outside the folders that are shown: put it into {folder.name}")
        elif _is_pointer(path):
            self._warn(source, "is only a pointer of Git LFS: fetch the picture itself (git lfs pull)")
        return quote(f"/problems/{self.slug}/files/{shown.as_posix()}")

    def _warn(self, name: str, message: str) -> None:
        self.faults.append((name, message))

    def _find(self, folder: Path, name: str, roots: tuple[str, ...]) -> Path | None:
        """The file of a picture. A name in LaTeX may lack its ending, and one from Windows may differ in
        capitals."""
        name = unquote(name).strip().replace("\\", "/")
        if "\0" in name or len(name) > _LONGEST_NAME:
            return None
        roots = tuple(root for root in roots if "\0" not in root)
        places = [folder, *(folder / root for root in roots), folder / "figures", folder / "images"]
        for place in places:
            wanted = (place / name).resolve()
            if not wanted.parent.is_relative_to(self.root) or not wanted.parent.is_dir():
                continue
            files = {
                each.name: each for each in sorted(wanted.parent.iterdir(), reverse=True) if each.is_file()
            }
            lowered = {each.lower(): path for each, path in files.items()}
            for ending in _ENDINGS:
                found = files.get(wanted.name + ending) or lowered.get((wanted.name + ending).lower())
                if found is not None and found.resolve().is_relative_to(self.root):
                    return found.resolve()
        return None

    def _rendered_pdf(self, path: Path, page: int, source: str, attributes: dict[str, str]) -> str | None:
        if (path, page) not in self._rendered:
            self._rendered[path, page] = self._render(path, page, source)
        name = self._rendered[path, page]
        if name is None:
            if not self.faults or self.faults[-1][0] != source:
                self._warn(source, "is a PDF that cannot be shown: use PNG or SVG")
            return None
        return self._address_of_made(name, attributes)

    def keep_drawing(self, name: str, content: bytes) -> None:
        """Show the first page of this PDF wherever a statement includes the picture of this name."""
        try:
            made = self._keep(_png_of(content), "png")
        except ChildFailed as error:
            raise CannotCompile(f"its PDF cannot be shown: {str(error).splitlines()[-1][:200]}") from error
        if made is None:
            raise CannotCompile(
                "its picture is too large, or the package has too many pictures: make it smaller"
            )
        self._drawings[name] = made

    def _address_of_made(self, name: str, attributes: dict[str, str]) -> str:
        """The address of a PNG that was made from a PDF. If the statement sets no size, the PNG gets the size
        of the PDF."""
        if not {"width", "height"} & set(attributes):
            attributes["width"] = str(max(1, round(_png_width(self.made[name]) / 2 * _PIXELS["pt"])))
        return quote(f"/problems/{self.slug}/files/{MADE_PICTURES}/{name}")

    def _render(self, path: Path, page: int, source: str) -> str | None:
        try:
            content = _png_of(path.read_bytes(), page)
        except ChildFailed as error:
            self._warn(source, f"is a PDF that cannot be shown: {str(error).splitlines()[-1][:200]}")
            return None
        return self._keep(content, "png")

    def _keep_embedded(self, hit: re.Match[str]) -> str | None:
        try:
            name = self._keep(
                base64.b64decode(hit.group(2), validate=False), hit.group(1).replace("jpeg", "jpg")
            )
        except binascii.Error:
            name = None
        if name is None:
            self._warn(
                hit.group()[:24], "is an embedded picture that cannot be shown: put it beside the statement"
            )
            return None
        return quote(f"/problems/{self.slug}/files/{MADE_PICTURES}/{name}")

    def _keep(self, content: bytes, ending: str) -> str | None:
        if not content or len(content) > _MOST_BYTES or len(self.made) >= _MOST_PICTURES:
            return None
        name = f"{hashlib.sha256(content).hexdigest()[:32]}.{ending}"
        self.made[name] = content
        return name


def _png_of(pdf: bytes, page: int = 1) -> bytes:
    command = [sys.executable, "-I", str(_RENDERER), str(page), str(_MOST_PIXELS)]
    return run_child(command, pdf, _LIMITS)


def _value(hit: re.Match[str]) -> str:
    return next((each for each in hit.groups()[1:] if each is not None), "")


def _page_of(source: str) -> tuple[str, int]:
    """A picture's name and its page in a PDF."""
    name, mark, page = source.partition("?page=")
    is_page = mark and page.isascii() and page.isdigit() and 0 < int(page[:5]) < 10_000
    return (name, int(page)) if is_page else (source, 1)


def _size(style: str) -> dict[str, str]:
    """The width and height of a style, as attributes, since the pages' security policy allows no styles in a
    statement."""
    found = {}
    for name, number, unit in _LENGTH.findall(style):
        try:
            value = float(number)
        except ValueError:
            continue
        if unit != "%":
            found[name] = str(max(1, round(value * _PIXELS[unit or "px"])))
        elif name == "width":
            found[name] = f"{min(value, 100.0):g}%"
    return found


def _png_width(content: bytes) -> int:
    return int(struct.unpack(">I", content[16:20])[0])


def _is_pointer(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(42).startswith(b"version https://git-lfs.github.com/spec/")
