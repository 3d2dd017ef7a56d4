"""Stores the verdicts of bundled submissions in a file, and finds those that differ from the previous run.

After an upgrade of compilers or of Gavel, the differences show which verdicts of users would change.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from judge_core.model.json_records import InvalidField, mapping, record, text
from workers.verify.submissions import Match, VerifiedSubmission

_MOST = 100_000
_MOST_BYTES = 256 << 20


class UnreadableRecord(Exception):
    """The file is no record of verdicts, or cannot be read or written."""


@dataclass(frozen=True, slots=True)
class RecordedVerdict:
    """The verdict of one bundled submission, and the compiler that it came from."""

    verdict: str
    compiler: str = ""

    def __str__(self) -> str:
        return f"{self.verdict} by {self.compiler}" if self.compiler else self.verdict


Record = Mapping[str, Mapping[str, RecordedVerdict]]
"""Verdicts by the slug of the package and the name of the submission."""
_parse = mapping(
    mapping(record(RecordedVerdict, {"verdict": text(20), "compiler": text(200)}), _MOST, 1_000), _MOST, 1_000
)


def recorded(results: Iterable[VerifiedSubmission]) -> dict[str, RecordedVerdict]:
    """The verdicts of one package. A submission that cannot be judged on this host has none."""
    return {
        each.submission: RecordedVerdict(each.verdict, each.compiler)
        for each in results
        if each.match is not Match.SKIPPED
    }


def changed_verdicts(before: Record, now: Record) -> Iterator[str]:
    """A line for each verdict that has changed, with both compilers."""
    for slug, found in now.items():
        known = before.get(slug, {})
        for name, verdict in found.items():
            if name in known and known[name].verdict != verdict.verdict:
                yield f"{slug}, {name}: {known[name]} before, {verdict} now"


def read_record(file: Path) -> Record:
    """The record in a file; empty if the file is not there yet. Raises UnreadableRecord."""
    try:
        if not file.exists():
            return {}
        if file.stat().st_size > _MOST_BYTES:
            raise UnreadableRecord(f"{file} is too large for a record of verdicts")
        found: Record = _parse(json.loads(file.read_bytes()))
    except (OSError, ValueError, InvalidField, RecursionError) as error:
        raise UnreadableRecord(
            f"{file} is no record of verdicts: {error}. Delete it, or name another"
        ) from error
    return found


def write_record(file: Path, before: Record, now: Record) -> None:
    """Keep the new verdicts, and those of packages that were not verified now. Raises UnreadableRecord."""
    merged = {**before, **{slug: {**before.get(slug, {}), **found} for slug, found in now.items()}}
    body = {slug: {name: asdict(each) for name, each in found.items()} for slug, found in merged.items()}
    draft = file.with_name(f"{file.name}.draft")
    try:
        draft.write_text(json.dumps(body, indent=1, sort_keys=True) + "\n")
        draft.replace(file)
    except OSError as error:
        raise UnreadableRecord(f"{file} cannot be written: {error}") from error
