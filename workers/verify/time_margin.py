"""Warns when the time limit is so close to a submission's time that noise could change its verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from judge_core.model.language import Language
from judge_core.model.problem import NO_EXTRAS, LanguageExtras
from judge_core.model.submission import Verdict
from judge_core.packages import Package
from sandbox import MIB
from workers.judging.verdict import BORDERLINE_SHARE
from workers.verify.submissions import Match, VerifiedSubmission

_STOPPED_SHARE = 1 + BORDERLINE_SHARE * 0.95
"""A submission that needs more than this share of the limit was stopped, so its real time is unknown."""
MIN_MARGIN = 2.0
"""How many times the slowest accepted submission's time the limit should be."""


def margin_warnings(
    limit: float | None,
    results: Sequence[VerifiedSubmission],
    languages: Mapping[str, Language],
    extras: LanguageExtras = NO_EXTRAS,
) -> Iterator[str]:
    """One line for an accepted submission with too small a margin, and one for each that is slightly too
    slow.

    No line if the package declares no limit, since a calibrated one always has its margin.
    """
    if limit is None:
        return
    judged = [result for result in results if result.slowest_ms is not None and result.language]
    factors = {id: extras.time_factor(language) for id, language in languages.items()}
    timed = [(result, _share(result, limit * factors[result.language])) for result in judged]
    accepted = [each for each in timed if _is_accepted(each[0])]
    slowest, share = max(accepted, key=lambda each: each[1], default=(None, 0.0))
    if slowest is not None and share * MIN_MARGIN > 1:
        yield (
            f"{slowest.submission} needs {share:.0%} of its time limit: "
            f"a limit of at least {MIN_MARGIN:g} times the slowest accepted submission allows for noise"
        )
    for result, share in timed:
        if result.verdict == Verdict.TLE.value and 1 < share < _STOPPED_SHARE:
            yield f"{result.submission} is too slow by {share - 1:.0%} only: another host may accept it"


def _share(result: VerifiedSubmission, limit: float) -> float:
    """The share of its limit that a submission's slowest test needed."""
    return (result.slowest_ms or 0) / 1000 / limit


def _is_accepted(result: VerifiedSubmission) -> bool:
    return result.submission.startswith("accepted/") and result.match is Match.GOOD


def size_warnings(package: Package) -> Iterator[tuple[bool, str]]:
    """One line for the largest answer, if it has more than half of the output limit. The first value is true
    if the answer is above the limit, which is a fault."""
    limits, kind = package.metadata.limits, package.metadata.type
    if kind.interactive or package.output_validators:
        return
    sized = [(case.answer.stat().st_size / MIB, case.name) for case in package.cases if case.answer]
    largest, name = max(sized, default=(0.0, ""))
    if largest * 2 > limits.output:
        yield (
            largest > limits.output,
            f"data/{name}.ans has {largest:.1f} MiB; the output limit is {limits.output} MiB",
        )
