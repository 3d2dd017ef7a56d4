"""The expected verdicts of the submissions in a package. They follow from the folder's name or from a tag in
the source."""

from __future__ import annotations

import re

from judge_core.model.submission import Verdict
from judge_core.packages.package import Program

_REJECTED = frozenset(Verdict) - {Verdict.AC}
TOO_SLOW = frozenset({Verdict.TLE, Verdict.OLE})
"""The verdicts of a program that is too slow.

A program that prints without end is stopped by the limit that it reaches first.
"""
VERDICTS_BY_FOLDER: dict[str, frozenset[Verdict]] = {
    "accepted": frozenset({Verdict.AC}),
    "partially_accepted": frozenset({Verdict.AC}),
    "rejected": _REJECTED,
    "wrong_answer": frozenset({Verdict.WA}),
    "time_limit_exceeded": TOO_SLOW,
    "run_time_error": frozenset({Verdict.RTE, Verdict.MLE}),
    "memory_limit_exceeded": frozenset({Verdict.MLE}),
    "output_limit_exceeded": frozenset({Verdict.OLE}),
    "compile_error": frozenset({Verdict.CE}),
    "compiler_error": frozenset({Verdict.CE}),
    "brute_force": TOO_SLOW | {Verdict.RTE, Verdict.MLE},
}
"""The expected verdicts by folder name. In ``mixed`` and other folders, no verdict is expected."""
_TAG = re.compile(rb"@EXPECTED_(?:RESULTS|SCORE)@:[^\S\n]*([A-Z, _-]+)", re.IGNORECASE)
_SCORE_TAG = re.compile(rb"@EXPECTED_SCORE@:[^\S\n]*([^\s*][^\n*]*)", re.IGNORECASE)
_TAGS: dict[str, frozenset[Verdict]] = {
    "CORRECT": frozenset({Verdict.AC}),
    "ACCEPTED": frozenset({Verdict.AC}),
    "WRONG-ANSWER": frozenset({Verdict.WA}),
    "NO-OUTPUT": frozenset({Verdict.WA}),
    "TIMELIMIT": TOO_SLOW,
    "TIME-LIMIT-EXCEEDED": TOO_SLOW,
    "MEMORY-LIMIT": frozenset({Verdict.MLE, Verdict.RTE}),
    "RUN-ERROR": frozenset({Verdict.RTE, Verdict.MLE}),
    "RUN-TIME-ERROR": frozenset({Verdict.RTE, Verdict.MLE}),
    "OUTPUT-LIMIT": frozenset({Verdict.OLE}),
    "COMPILER-ERROR": frozenset({Verdict.CE}),
    "CHECK-MANUALLY": frozenset(Verdict),
}


def read_tag(program: Program) -> frozenset[Verdict]:
    """The verdicts in DOMjudge's tag in a source, in any case of letters. Empty if there is no tag."""
    found = [hit.group(1) for path in program.files if (hit := _TAG.search(path.read_bytes()))]
    words = [word.strip().replace("_", "-") for hit in found for word in hit.decode().upper().split(",")]
    return frozenset(verdict for word in words for verdict in _TAGS.get(word, ()))


def score_tags(program: Program) -> tuple[str, ...]:
    """The values in the ``@EXPECTED_SCORE@`` tags of the sources, without those that are verdicts. Each
    should be a number."""
    found = [hit.group(1) for path in program.files for hit in _SCORE_TAG.finditer(path.read_bytes())]
    words = [word.strip() for each in found for word in each.decode(errors="replace").split(",")]
    return tuple(word for word in words if word and word.upper().replace("_", "-") not in _TAGS)


def expected_verdicts(program: Program) -> frozenset[Verdict]:
    """The verdicts of the tag, else those of the folder. All verdicts if neither is known."""
    return read_tag(program) or VERDICTS_BY_FOLDER.get(program.name.split("/")[0], frozenset(Verdict))
