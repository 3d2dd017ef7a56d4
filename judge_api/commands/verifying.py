"""Does a package keep its word? Every bundled submission gets the verdict that its folder says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from judge_api.catalog.languages import guess_language
from judge_api.client import Gavel, RefusedByServer, Status

EXPECTED = {
    "accepted": {"AC"},
    "partially_accepted": {"AC"},
    "wrong_answer": {"WA"},
    "time_limit_exceeded": {"TLE"},
    "run_time_error": {"RTE"},
    "memory_limit_exceeded": {"MLE"},
    "output_limit_exceeded": {"OLE"},
    "compile_error": {"CE"},
    "compiler_error": {"CE"},
    "rejected": {"WA", "TLE", "RTE", "MLE", "OLE", "CE"},
    "brute_force": {"WA", "TLE", "RTE", "MLE", "OLE", "CE"},
}
IN_FLIGHT = 8


@dataclass(frozen=True, slots=True)
class Bundled:
    """One submission of the package, by its path below ``submissions``."""

    name: str
    source: Path
    language: str
    expected: frozenset[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one; ``skipped`` says why it was not judged."""

    name: str
    expected: frozenset[str]
    status: Status | None = None
    skipped: str | None = None

    @property
    def is_wrong(self) -> bool:
        return self.status is not None and self.status.verdict not in self.expected

    @property
    def line(self) -> str:
        if self.status is None:
            return f"skipped  {self.name}: {self.skipped}"
        mark = "WRONG " if self.is_wrong else "ok    "
        got = self.status.verdict or self.status.stage
        wish = f", expected {' or '.join(sorted(self.expected))}" if self.is_wrong else ""
        why = f" ({self.status.reason})" if self.status.reason else ""
        return f"{mark}   {self.name}: {got}{wish}{why}  {self.status.cpu_ms} ms, {self.status.memory_kb} KiB"


def verify_package(gavel: Gavel, slug: str, package: Path) -> Iterator[Finding]:
    """Hand in a few at a time and give the findings in the order of the files."""
    waiting: list[tuple[Bundled, str]] = []
    for path in sorted((package / "submissions").glob("*/*")):
        bundled = _read(path)
        if isinstance(bundled, Finding):
            yield bundled
            continue
        try:
            source = bundled.source.read_text(encoding="utf-8")
            waiting.append((bundled, gavel.submit(slug, bundled.language, source).id))
        except RefusedByServer as error:
            yield Finding(bundled.name, bundled.expected, skipped=str(error).replace("\n", " "))
        if len(waiting) >= IN_FLIGHT:
            yield _finish(gavel, *waiting.pop(0))
    for bundled, submission in waiting:
        yield _finish(gavel, bundled, submission)


def _finish(gavel: Gavel, bundled: Bundled, submission: str) -> Finding:
    return Finding(bundled.name, bundled.expected, status=gavel.wait(submission))


def _read(path: Path) -> Bundled | Finding:
    name = f"{path.parent.name}/{path.name}"
    expected = frozenset(EXPECTED.get(path.parent.name, ()))
    if not expected:
        return Finding(name, expected, skipped=f"{path.parent.name} is no verdict that we know")
    if not path.is_file():
        return Finding(name, expected, skipped="has several files, which the API does not take")
    language = guess_language(path.name)
    if language is None:
        return Finding(name, expected, skipped="no language has that ending")
    return Bundled(name, path, language.id, expected)
