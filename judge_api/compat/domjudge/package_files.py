"""Finds the files of problems that contestants may have: samples, the statement as PDF, and attachments.

A sample is the text that the statement shows, or the file that replaces it for downloads. No other file of
``data`` is read. Samples that show an interaction have no files here, because only the jury may see their
input.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import IO

from judge_core.model.problem import ProblemSpec
from judge_core.packages.public_files import STATEMENT_FOLDERS, STATEMENT_NAME

MOST_BYTES = 32 << 20
"""The largest number of bytes of files in a zip of samples."""
LEFT_OUT = "LEFT-OUT.txt"
_INPUTS = (".in.download", ".in.statement", ".in")
_ANSWERS = (".ans.download", ".ans.statement", ".out", ".ans")


@dataclass(frozen=True, slots=True)
class OfferedProblem:
    """A problem with its label in an event. ``archive`` is its package, or ``None`` if the package is no
    longer stored."""

    label: str
    spec: ProblemSpec
    archive: Path | None


class _Order(IntEnum):
    """The order in which files are added to a zip."""

    SAMPLE = 0
    STATEMENT = 1
    ATTACHMENT = 2


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file of the zip, and the place from which it is read."""

    order: _Order
    name: str
    archive: Path
    member: zipfile.ZipInfo


def pdf_in(archive: Path, slug: str) -> str | None:
    """The name of a package's PDF statement in its archive. English comes first, then the languages by
    name."""
    with zipfile.ZipFile(archive) as package:
        return _pdf_among(package.namelist(), slug)


def _pdf_among(names: Iterable[str], slug: str) -> str | None:
    found, root = [], f"{slug}/"
    for name in (each for each in names if each.startswith(root)):
        folder, _, file = name.removeprefix(root).rpartition("/")
        hit = STATEMENT_NAME.fullmatch(file)
        is_shown = folder in STATEMENT_FOLDERS or (folder, file) == ("", "problem.pdf")
        if hit and is_shown and hit["kind"] == "pdf":
            language = hit["language"] or "en"
            found.append((language != "en", language, name))
    return min(found)[2] if found else None


def write_samples(problems: Sequence[OfferedProblem], out: IO[bytes], most_bytes: int = MOST_BYTES) -> None:
    """Write a zip with a folder for each problem. Files that do not fit are listed in ``LEFT-OUT.txt``."""
    left, left_out = most_bytes, [f"{each.label}/" for each in problems if each.archive is None]
    entries = [entry for each in problems for entry in _entries(each)]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in sorted(entries, key=lambda entry: entry.order):
            if entry.member.file_size > left:
                left_out.append(entry.name)
            else:
                left -= entry.member.file_size
                _copy(entry, target)
        if left_out:
            note = (
                f"Not in this zip: files beyond {most_bytes >> 20} MiB in all, and problems (LABEL/) whose "
                "package is not here any more.\n"
            )
            target.writestr(_info(LEFT_OUT), note + "".join(f"{name}\n" for name in left_out))


def _entries(problem: OfferedProblem) -> Iterator[_Entry]:
    """The files of one problem, each with its name in the zip."""
    archive = problem.archive
    if archive is None:
        return
    with zipfile.ZipFile(archive) as package:
        members = {each.filename: each for each in package.infolist() if not each.is_dir()}
    slug = problem.spec.slug
    for order, name, member in _wanted(problem.spec, members):
        yield _Entry(order, f"{problem.label}/{name}", archive, members[f"{slug}/{member}"])


def _wanted(spec: ProblemSpec, names: Collection[str]) -> Iterator[tuple[_Order, str, str]]:
    """The name in the zip and the name in the package, for each file that the package has."""
    samples = [each for each in spec.samples if each.interaction is None]
    for number, sample in enumerate(samples, 1):
        for ending, endings in (("in", _INPUTS), ("ans", _ANSWERS)):
            files = (f"data/sample/{sample.name}{each}" for each in endings)
            found = next((each for each in files if f"{spec.slug}/{each}" in names), None)
            if found is not None:
                yield _Order.SAMPLE, f"{number}.{ending}", found
    pdf = _pdf_among(names, spec.slug)
    if pdf is not None:
        yield _Order.STATEMENT, "statement.pdf", pdf.removeprefix(f"{spec.slug}/")
    for attachment in spec.attachments:
        name = f"attachments/{attachment}"
        if f"{spec.slug}/{name}" in names:
            yield _Order.ATTACHMENT, name, name


def _copy(entry: _Entry, target: zipfile.ZipFile) -> None:
    with (
        zipfile.ZipFile(entry.archive) as package,
        package.open(entry.member) as content,
        target.open(_info(entry.name), "w") as copy,
    ):
        shutil.copyfileobj(content, copy)


def _info(name: str) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name)
    found.compress_type = zipfile.ZIP_DEFLATED
    return found
