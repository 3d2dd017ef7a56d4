"""The margins around the time limit, by language: the slowest accepted submission, and the fastest one that
is too slow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rich.table import Table

from judge_core.languages import load_languages
from judge_core.model.numbers import readable
from judge_core.model.submission import Verdict
from judge_core.packages import Package
from judge_core.terminal_markup import visible
from workers.judging.judge import Judge
from workers.judging.time_limit_calibration import with_time_limit
from workers.verify.submissions import SubmissionVerifier, VerifiedSubmission

LONGER = 4.0
"""A submission that is too slow is run again with this many times its limit, to see how slow it is."""
_HEADINGS = ("language", "limit", "slowest accepted", "fastest too slow", "margins")


@dataclass(frozen=True, slots=True)
class Timed:
    """A submission and the CPU time of its slowest test; ``stopped`` is true if a limit ended that test, so
    it may need more time."""

    name: str
    seconds: float
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class LanguageMargins:
    """One line of the report. ``limit`` is the time limit in this language."""

    language: str
    limit: float
    accepted: Timed | None
    too_slow: Timed | None

    @property
    def margins(self) -> str:
        """The factors by which the limit is above the time of the slowest accepted submission, and below the
        time of the fastest one that is too slow."""
        parts = []
        if self.accepted is not None:
            below = self.limit / max(self.accepted.seconds, 0.001)
            parts.append(f"{_times(below)} above the slowest accepted")
        if self.too_slow is not None:
            at_least = "at least " if self.too_slow.stopped else ""
            above = self.too_slow.seconds / self.limit
            parts.append(f"{at_least}{_times(above)} below the fastest too slow")
        return ", ".join(parts)


def measured_again(
    judge: Judge, package: Package, results: Sequence[VerifiedSubmission]
) -> Mapping[str, VerifiedSubmission]:
    """The submissions that ran out of time, judged with a longer limit, by name."""
    slow = frozenset(each.submission for each in results if each.verdict == Verdict.TLE.value)
    limit = package.metadata.limits.time
    if not slow or limit is None:
        return {}
    longer = with_time_limit(package, limit * LONGER)
    verifier = SubmissionVerifier(judge, judge.context.languages, lambda _: None, only=slow)
    return {each.submission: each for each in verifier.verify(longer)}


def language_margins(
    package: Package, results: Sequence[VerifiedSubmission], again: Mapping[str, VerifiedSubmission]
) -> Iterator[LanguageMargins]:
    """One line for each language of the judged submissions. There is no line if the package has no time
    limit."""
    limit, extras = package.metadata.limits.time, package.metadata.extras
    languages = load_languages()
    judged = [each for each in results if each.language and each.slowest_ms is not None]
    for id in sorted({each.language for each in judged}) if limit else ():
        own = round((limit or 0.0) * extras.time_factor(languages[id]), 6)
        here = [each for each in judged if each.language == id]
        right = [_timed(each) for each in here if _is_accepted(each)]
        slow = [_slow(each, again, own) for each in here if each.verdict == Verdict.TLE.value]
        yield LanguageMargins(
            languages[id].name,
            own,
            max(right, key=lambda each: each.seconds, default=None),
            min(slow, key=lambda each: each.seconds, default=None),
        )


def _is_accepted(result: VerifiedSubmission) -> bool:
    """Whether a submission is in ``accepted/`` and was accepted. The time of a failed one shows no margin."""
    return result.submission.startswith("accepted/") and result.verdict == Verdict.AC.value


def _timed(result: VerifiedSubmission) -> Timed:
    return Timed(result.submission, (result.slowest_ms or 0) / 1000)


def _slow(result: VerifiedSubmission, again: Mapping[str, VerifiedSubmission], limit: float) -> Timed:
    """The time that a submission needs, or the longer limit if it was stopped at that limit too."""
    longer = again.get(result.submission)
    if longer is None:
        return replace(_timed(result), stopped=True)
    if longer.verdict == Verdict.TLE.value:
        return Timed(result.submission, limit * LONGER, stopped=True)
    return _timed(longer)


def limits_table(found: Sequence[LanguageMargins]) -> Table:
    """The report for a terminal."""
    table = Table(title="time limits", title_justify="left")
    for heading in _HEADINGS:
        table.add_column(heading, overflow="fold")
    for each in found:
        table.add_row(
            each.language,
            f"{readable(each.limit)} s",
            _cell(each.accepted),
            _cell(each.too_slow),
            each.margins,
        )
    return table


def _cell(timed: Timed | None) -> str:
    if timed is None:
        return "-"
    return f"{visible(timed.name)}: {'over ' if timed.stopped else ''}{timed.seconds:.2f} s"


def _times(number: float) -> str:
    return f"{number:.1f} times" if number < 100 else "over 100 times"
