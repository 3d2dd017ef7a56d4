"""Reads FPS, the XML format in which HUSTOJ and related judges exchange problems: one file, or a zip of
files.

https://github.com/zhblue/freeproblemset (fps.current.dtd, fps-zhblue-A+B.xml),
https://github.com/hydro-dev/Hydro (packages/fps-importer/index.ts, packages/hydrojudge/src/checkers.ts).
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from judge_core.model.numbers import Bounds, NumberFault
from judge_core.packages.formats.checkers import USES_TESTLIB, CheckerKind, ForeignChecker, wrapped
from judge_core.packages.formats.languages import file_name
from judge_core.packages.formats.record import (
    Content,
    ForeignGroup,
    ForeignLimits,
    ForeignProblem,
    ForeignProgram,
    ForeignStatement,
    ForeignSubmission,
    ForeignTest,
)
from judge_core.packages.formats.source import FileSource, broken
from judge_core.packages.formats.xml_tree import MOST_XML_BYTES, parse_xml
from judge_core.packages.number_bounds import LIMITS, TIME
from judge_core.packages.package import propose_slug

_MOST_PROBLEMS = 2000
_MOST_PICTURES = 200
_TIMES = {"ms": 0.001, "s": 1.0}
_SIZES = {"kb": 1 / 1024, "mb": 1.0, "gb": 1024.0, "b": 1 / 1048576}
_PICTURE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def is_fps(content: bytes) -> bool:
    """Whether a file begins as FPS does."""
    return re.search(rb"<fps[\s>]", content[:4096]) is not None


def read(source: FileSource) -> list[ForeignProblem]:
    """The problems of all files. Raises ``BrokenPackage`` if one cannot be carried over."""
    problems: list[ForeignProblem] = []
    for name, _ in source.matching(r".*\.xml"):
        path = source.path(name)
        if path.stat().st_size > MOST_XML_BYTES:
            raise broken(name, f"has more than {MOST_XML_BYTES >> 20} MiB: split it")
        root = parse_xml(path.read_bytes(), name)
        items = root.findall("item") if root.tag == "fps" else []
        if len(items) + len(problems) > _MOST_PROBLEMS:
            raise broken(name, f"has more than {_MOST_PROBLEMS} problems: split it")
        problems += [_one(source.apart(), item, f"{name} item {at}") for at, item in enumerate(items, 1)]
    if not problems:
        raise broken("package", "has no <item> of FPS")
    return problems


def _one(source: FileSource, item: Element, place: str) -> ForeignProblem:
    problem = _Reader(source, item, place).problem()
    return replace(problem, notes=source.faults.warnings)


@dataclass(frozen=True, slots=True)
class _Reader:
    source: FileSource
    item: Element
    place: str

    def problem(self) -> ForeignProblem:
        title = html.unescape(self._text("title")).strip() or "problem"
        pictures, text = self._statement()
        for tag in ("prepend", "append"):
            if self._text(tag).strip():
                raise broken(
                    self.place,
                    "code around the submission cannot be carried over: write a driver into include/",
                    tag,
                )
        if self.item.find("remote_oj") is not None:
            raise broken(self.place, "its tests are at another judge: import it from there", "remote_oj")
        validator = self._validator()
        return ForeignProblem(
            slug=propose_slug(title),
            names={"en": title},
            limits=ForeignLimits(
                self._limit("time_limit", _TIMES, "s", TIME),
                max(
                    1,
                    int(
                        self._limit("memory_limit", _SIZES, "mb", Bounds(0.001, LIMITS["memory"].high, "MiB"))
                    ),
                ),
            ),
            groups=(ForeignGroup(tuple(self._tests("test_input", "test_output"))),),
            samples=tuple(self._tests("sample_input", "sample_output")),
            statements=(ForeignStatement("en", "html", text.encode(), pictures),),
            validator=validator,
            validator_flags=() if validator else ("case_sensitive",),
            submissions=tuple(self._submissions()),
            attachments=self._templates(),
            source=self._text("source").strip(),
        )

    def _text(self, tag: str) -> str:
        return self.item.findtext(tag) or ""

    def _limit(self, tag: str, units: dict[str, float], unit: str, bounds: Bounds) -> float:
        element = self.item.find(tag)
        text = ("" if element is None else element.text or "").strip()
        given = ("" if element is None else element.get("unit", "") or unit).strip().lower()
        if given not in units:
            raise broken(self.place, f"the unit {given[:20]!r} is none of {', '.join(units)}", tag)
        try:
            return bounds.parse(f"{float(text) * units[given]:.6f}")
        except (NumberFault, ValueError) as error:
            raise broken(self.place, f"is {text[:40]!r}: {error}", tag) from error

    def _tests(self, inputs: str, outputs: str) -> Iterator[ForeignTest]:
        """The tests. A few exporters write an output as a second input; such files are read, too."""
        given = [each.text or "" for each in self.item.iterfind(inputs)]
        answers = [each.text or "" for each in self.item.iterfind(outputs)]
        if not answers and len(given) % 2 == 0:
            given, answers = given[::2], given[1::2]
        if len(given) != len(answers):
            raise broken(self.place, f"has {len(given)} <{inputs}> and {len(answers)} <{outputs}>")
        if not given and inputs == "test_input":
            raise broken(self.place, "has no tests (<test_input>, <test_output>)")
        for one, other in zip(given, answers, strict=True):
            yield ForeignTest(_ended(one), _ended(other))

    def _statement(self) -> tuple[dict[str, Content], str]:
        parts = [self._text("description")]
        for heading, tag in (("Input", "input"), ("Output", "output"), ("Hint", "hint")):
            if self._text(tag).strip():
                parts += [f"<h2>{heading}</h2>", self._text(tag)]
        text, pictures = "\n".join(parts), dict[str, Content]()
        for at, image in enumerate(self.item.findall("img")[:_MOST_PICTURES], 1):
            address = (image.findtext("src") or "").strip()
            name = f"picture{at}_{_PICTURE_NAME.sub('_', address.rsplit('/', 1)[-1])[-60:]}"
            try:
                pictures[name] = base64.b64decode(
                    "".join((image.findtext("base64") or "").split()), validate=True
                )
            except (binascii.Error, ValueError):
                self.source.not_carried(f"{self.place} img", f"the picture {address[:80]!r} is no base64")
                continue
            text = text.replace(address, name) if address else text
        return pictures, text

    def _validator(self) -> ForeignProgram | None:
        for tag, kind in (("spj", CheckerKind.HUSTOJ), ("tpj", None)):
            element = self.item.find(tag)
            code = "" if element is None else element.text or ""
            if element is None or not code.strip():
                continue
            name = file_name("checker", element.get("language", "C++")) or "checker"
            files: dict[str, Content] = {name: code.encode()}
            if kind is None or USES_TESTLIB.search(code.encode()):
                raise broken(
                    self.place,
                    "a checker that needs testlib.h, which an FPS file does not contain: remove it, and add "
                    "an output validator to the imported package",
                    tag,
                )
            checker = ForeignChecker(name, files, kind)
            if checker.language is None:
                raise broken(
                    self.place, f"a checker in {element.get('language')!r} cannot be carried over", tag
                )
            return wrapped(checker)
        return None

    def _submissions(self) -> Iterator[ForeignSubmission]:
        for at, each in enumerate(self.item.iterfind("solution"), 1):
            name = file_name(f"solution{at}", each.get("language", ""))
            if name is None:
                self.source.not_carried(
                    f"{self.place} solution", f"no language {each.get('language', '')[:40]!r} here"
                )
            else:
                yield ForeignSubmission("accepted", name, (each.text or "").encode())

    def _templates(self) -> dict[str, Content]:
        found: dict[str, Content] = {}
        for each in self.item.iterfind("template"):
            name = file_name("starter", each.get("language", ""))
            if name and (each.text or "").strip():
                found[name] = (each.text or "").encode()
        return found


def _ended(text: str) -> bytes:
    """Test data that ends with a line end. XML editors remove the last line end."""
    return (text if not text or text.endswith("\n") else f"{text}\n").encode()
