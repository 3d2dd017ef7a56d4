"""Finds the format of a package from its content, and the folder in which the package begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from judge_core.packages.formats import cms, codeforces, dmoj, fps, hoj, hydro, polygon, qduoj
from judge_core.packages.formats.keys import yaml_keys
from judge_core.packages.formats.record import ForeignProblem
from judge_core.packages.formats.source import FileSource, broken


class ForeignFormat(StrEnum):
    """The formats that can be imported."""

    POLYGON = "polygon"
    DMOJ = "dmoj"
    HYDRO = "hydro"
    QDUOJ = "qduoj"
    HOJ = "hoj"
    FPS = "fps"
    CMS = "cms"
    KATTIS = "kattis"
    DOMJUDGE = "domjudge"
    CODEFORCES = "codeforces"


@dataclass(frozen=True, slots=True)
class Detected:
    """The format of a package, and its files by their names in the package.

    ``folder`` is the name of the package's folder in the given files. It is empty if the given files are the
    package itself.
    """

    format: ForeignFormat
    source: FileSource
    folder: str = ""

    @property
    def is_package(self) -> bool:
        """Whether it is a package of Kattis or DOMjudge. ``legacy.py`` converts these."""
        return self.format in (ForeignFormat.KATTIS, ForeignFormat.DOMJUDGE)

    def read(self) -> list[ForeignProblem]:
        """The problems of the package, from the reader of its format."""
        return _READERS[self.format](self.source)


_READERS: dict[ForeignFormat, Callable[[FileSource], list[ForeignProblem]]] = {
    ForeignFormat.POLYGON: polygon.read,
    ForeignFormat.DMOJ: dmoj.read,
    ForeignFormat.HYDRO: hydro.read,
    ForeignFormat.QDUOJ: qduoj.read,
    ForeignFormat.HOJ: hoj.read,
    ForeignFormat.FPS: fps.read,
    ForeignFormat.CMS: cms.read,
    ForeignFormat.CODEFORCES: codeforces.read,
}
_MARKS = (
    (polygon.FILE, ForeignFormat.POLYGON),
    (dmoj.FILE, ForeignFormat.DMOJ),
    (cms.FILE, ForeignFormat.CMS),
    ("problem.yaml", ForeignFormat.KATTIS),
    ("domjudge-problem.ini", ForeignFormat.DOMJUDGE),
    (qduoj.FILE, ForeignFormat.QDUOJ),
)
_KNOWN = "the formats are " + ", ".join(ForeignFormat)


def detect(source: FileSource, wanted: ForeignFormat | None = None) -> Iterable[Detected]:
    """The packages in these files. An export of Hydro may have several. ``wanted`` replaces the
    format that the files show. Raises ``BrokenPackage`` if they show none and ``wanted`` is not given."""
    found = list(_detected(source))
    if wanted is not None:
        found = [replace(each, format=wanted) for each in found] or [Detected(wanted, source)]
    if not found:
        raise broken("package", f"is in no format that can be imported; {_KNOWN}")
    return found


def _detected(source: FileSource) -> Iterable[Detected]:
    by_depth = sorted(source.files, key=lambda name: (name.count("/"), name))
    marked = _marked(by_depth)
    if marked is not None:
        return _below_marks(source, *marked)
    if any(name.endswith(".xml") and _is_fps(source, name) for name in by_depth):
        return [Detected(ForeignFormat.FPS, source)]
    inner = _without_top(source)
    if any(
        hit and source
        for name, hit in inner.matching(r"(problem_?[^/]*)\.json")
        if inner.below(hit.group(1)).files
    ):
        return [Detected(ForeignFormat.HOJ, inner)]
    top = next(iter(source.files), "").split("/", 1)[0] if inner is not source else ""
    return [Detected(ForeignFormat.CODEFORCES, inner, top)] if codeforces.looks_so(inner) else []


def _marked(by_depth: list[str]) -> tuple[ForeignFormat, list[str]] | None:
    """The format whose mark is in the least deep folder, and all its marks of that depth. A package may have
    files of another format among its attachments."""
    names = {mark: [name for name in by_depth if name.rsplit("/", 1)[-1] == mark] for mark, _ in _MARKS}
    depths = [(names[mark][0].count("/"), at) for at, (mark, _) in enumerate(_MARKS) if names[mark]]
    if not depths:
        return None
    depth, at = min(depths)
    mark, format = _MARKS[at]
    return format, [name for name in names[mark] if name.count("/") == depth]


def _below_marks(source: FileSource, format: ForeignFormat, marks: list[str]) -> list[Detected]:
    """The packages in the folders of these marks."""
    if format is ForeignFormat.QDUOJ:
        return [Detected(format, source)]
    if len(marks) > qduoj.MOST_PROBLEMS:
        most = f"at most {qduoj.MOST_PROBLEMS} are imported at once"
        raise broken(marks[0].rsplit("/", 1)[-1], f"is in the folders of {len(marks)} problems; {most}")
    folders = [name.rpartition("/")[0] for name in marks]
    return [
        replace(_told_apart(format, source.below(each)), folder=each.rsplit("/", 1)[-1]) for each in folders
    ]


def _told_apart(format: ForeignFormat, source: FileSource) -> Detected:
    """Tell Hydro's, DOMjudge's and Kattis' packages apart. A package is Hydro's if it has a folder
    ``testdata``, or if it has no ``data`` and its ``problem.yaml`` has a title. It is DOMjudge's if it has
    ``domjudge-problem.ini``."""
    if format is ForeignFormat.KATTIS:
        is_hydro = any(name.startswith("testdata/") for name in source.files)
        if not is_hydro and not any(name.startswith("data/") for name in source.files):
            is_hydro = "title" in yaml_keys(source.text("problem.yaml") or "{}", "problem.yaml")
        format = ForeignFormat.HYDRO if is_hydro else format
        if format is ForeignFormat.KATTIS and "domjudge-problem.ini" in source:
            format = ForeignFormat.DOMJUDGE
    return Detected(format, source)


def _is_fps(source: FileSource, name: str) -> bool:
    with source.path(name).open("rb") as file:
        return fps.is_fps(file.read(4096))


def _without_top(source: FileSource) -> FileSource:
    """The files, without top folders that contain all of them. A top folder with the name of a folder of
    tests stays."""
    while True:
        tops = {name.split("/", 1)[0] for name in source.files}
        if len(tops) != 1 or any("/" not in name for name in source.files):
            return source
        if re.fullmatch(r"tests?|data|testdata", next(iter(tops))):
            return source
        source = source.below(next(iter(tops)))
