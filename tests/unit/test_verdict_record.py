"""After an upgrade, the bundled submissions whose verdicts have changed are listed with both compilers."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.verify.submissions import Match, VerifiedSubmission
from workers.verify.verdict_record import (
    RecordedVerdict,
    UnreadableRecord,
    changed_verdicts,
    read_record,
    recorded,
    write_record,
)

OLD, NEW = "g++ 12.2.0", "g++ 14.2.0"


def _judged(name: str, verdict: str, compiler: str, match: Match = Match.GOOD) -> VerifiedSubmission:
    return VerifiedSubmission(name, match, verdict, "AC", compiler=compiler)


def test_a_verdict_that_a_new_compiler_changes_is_listed_with_both_versions(tmp_path: Path) -> None:
    file = tmp_path / "verdicts.json"
    before = {
        "aplusb": recorded([_judged("accepted/a.cpp", "AC", OLD), _judged("accepted/b.cpp", "AC", OLD)])
    }
    write_record(file, read_record(file), before)
    now = {"aplusb": recorded([_judged("accepted/a.cpp", "TLE", NEW), _judged("accepted/b.cpp", "AC", NEW)])}
    assert list(changed_verdicts(read_record(file), now)) == [
        f"aplusb, accepted/a.cpp: AC by {OLD} before, TLE by {NEW} now"
    ]


def test_a_submission_that_is_not_judged_keeps_its_recorded_verdict(tmp_path: Path) -> None:
    file = tmp_path / "verdicts.json"
    first = {"one": {"a.py": RecordedVerdict("AC")}, "two": {"b.py": RecordedVerdict("WA", "python3 3.11.2")}}
    write_record(file, {}, first)
    skipped = recorded([_judged("a.py", "-", "", Match.SKIPPED)])
    write_record(file, read_record(file), {"one": skipped})
    assert read_record(file) == first


def test_a_submission_without_a_recorded_verdict_is_not_listed_as_changed() -> None:
    now = {"one": {"new.py": RecordedVerdict("AC")}}
    assert list(changed_verdicts({"one": {}}, now)) == []


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"one": []}', '{"one": {"a": {"verdict": 7}}}', "[" * 100_000]
)
def test_a_damaged_record_is_refused_by_its_name(tmp_path: Path, content: str) -> None:
    file = tmp_path / "verdicts.json"
    file.write_text(content)
    with pytest.raises(UnreadableRecord, match=r"verdicts\.json is no record of verdicts"):
        read_record(file)
