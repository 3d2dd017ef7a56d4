"""The report on one verified package: the table of its submissions and the findings below it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from judge_core.languages import load_languages
from judge_core.model.numbers import readable
from judge_core.packages import Package
from judge_core.packages.statements import render_statements
from judge_core.terminal_markup import visible
from workers.judging.errors import LanguageUnavailable, PackageBroken
from workers.judging.judge import Judge
from workers.judging.settings import FALLBACK_SECONDS
from workers.judging.time_limit_calibration import FoundLimit
from workers.verify.answer_validators import AnswerValidation
from workers.verify.input_validators import InputValidation
from workers.verify.output_validators import answer_faults, output_faults
from workers.verify.submissions import Match, VerifiedSubmission
from workers.verify.time_margin import margin_warnings, size_warnings

_COLOURS = {Match.GOOD: "green", Match.BAD: "bold red", Match.SKIPPED: "yellow"}
FAULTS_OF_PACKAGE = (PackageBroken, LanguageUnavailable)
"""Faults that say nothing about other packages or checks: a program of the package fails, or its language is
not on this host."""
_NOTE_CHARACTERS = 160
"""The table shows the beginning of a longer note. The whole note follows below the table."""
_HEADINGS = ("submission", "language", "verdict", "expected", "slowest", "memory", "note")


@dataclass(frozen=True, slots=True)
class _Finding:
    """A fault of the package, or a warning that the author should look at."""

    about: str
    line: str
    is_fault: bool = True
    mark: str = "warning"


def result_table(package: Package, results: list[VerifiedSubmission], calibrated: FoundLimit | None) -> Table:
    """One row for each bundled submission. ``calibrated`` is set where the package names no time limit."""
    limits = package.metadata.limits
    time = f"{readable(limits.time)} s" if limits.time else "none needed"
    if calibrated is not None:
        time += " (none was found)" if calibrated.seconds is None else " (calibrated here)"
    title = f"{package.slug}: {len(package.cases)} tests, time limit {time}"
    table = Table(title=title, title_justify="left")
    for heading in _HEADINGS:
        table.add_column(heading, overflow="fold")
    for result in results:
        table.add_row(*_cells(result))
    return table


def _cells(result: VerifiedSubmission) -> tuple[str, ...]:
    return (
        visible(result.submission),
        result.language,
        f"[{_COLOURS[result.match]}]{result.verdict}[/]",
        visible(result.expected),
        "" if result.slowest_ms is None else f"{result.slowest_ms} ms",
        "" if result.memory_kb is None else f"{result.memory_kb / 1024:.1f} MiB",
        visible(result.note[:_NOTE_CHARACTERS]) if result.match is not Match.GOOD else _score(result),
    )


def _score(result: VerifiedSubmission) -> str:
    return "" if result.score is None else f"score {readable(result.score)}"


def print_findings(
    judge: Judge,
    package: Package,
    calibrated: FoundLimit | None,
    results: list[VerifiedSubmission],
    console: Console,
) -> int:
    """Print warnings, and faults other than wrong verdicts. Returns how many faults there are."""
    faults = 0
    for finding in _findings(judge, package, calibrated, results):
        mark = f"[bold red]{finding.about}[/]" if finding.is_fault else f"[yellow]{finding.mark}[/]"
        console.print(f"  {mark} {visible(finding.line)}")
        faults += int(finding.is_fault)
    return faults


def _findings(
    judge: Judge, package: Package, calibrated: FoundLimit | None, results: list[VerifiedSubmission]
) -> Iterator[_Finding]:
    """The findings below the table. An answer file that the validator refuses is a fault only if it belongs
    to a sample, because a sample shows its answer as an output. Elsewhere it may be intended."""
    warnings = (*package.warnings, *render_statements(package).warnings)
    yield from (_Finding("", str(warning), False) for warning in warnings)
    for result in results:
        if result.match is Match.BAD and len(result.note) > _NOTE_CHARACTERS:
            yield _Finding("", f"{result.submission}: {result.note}", False, "in full")
    if calibrated is not None:
        yield from _limit_findings(calibrated)
        if calibrated.seconds is not None:
            slower = (_Finding("limit", line) for line in judge.calibration.faults(package))
            yield from _until_fault("limit", slower)
    yield from (_Finding("limit", line, False, "limit") for line in _language_limits(package, results))
    yield from (_Finding("limit", line, is_fault) for is_fault, line in size_warnings(package))
    margins = margin_warnings(
        None if calibrated else package.metadata.limits.time,
        results,
        load_languages(),
        package.metadata.extras,
    )
    yield from (_Finding("", line, False) for line in margins)
    context = judge.context
    inputs = (_Finding("input", line) for line in InputValidation(context).faults(package))
    yield from _until_fault("input", inputs)
    answers = (_Finding("answer", line) for line in AnswerValidation(context).faults(package))
    yield from _until_fault("answer", answers)
    outputs = (_Finding("output", line) for line in output_faults(package, context))
    yield from _until_fault("output", outputs)
    refused = answer_faults(package, context)
    yield from _until_fault("answer", (_Finding("answer", line, case.is_sample) for case, line in refused))


def _until_fault(about: str, findings: Iterator[_Finding]) -> Iterator[_Finding]:
    """The findings of one check. If a program of the package fails, that is its last finding, and the other
    checks go on."""
    try:
        yield from findings
    except FAULTS_OF_PACKAGE as fault:
        yield _Finding(about, fault.reason)


def _language_limits(package: Package, results: list[VerifiedSubmission]) -> Iterator[str]:
    """The limits of each language in use that are not those of the problem."""
    limits, extras = package.metadata.limits, package.metadata.extras
    for id in sorted({result.language for result in results if result.language}):
        language = load_languages()[id]
        factor, extra = extras.time_factor(language), extras.memory_extra(language)
        if (factor, extra) != (1, 0):
            seconds = readable(round((limits.time or 0) * factor, 6))
            yield f"{language.name}: {seconds} s, {limits.memory + extra} MiB"
    slower: dict[float, list[str]] = {}
    for language in load_languages().values():
        if (factor := extras.time_factor(language)) > 1 and language.id not in extras.time_factors:
            slower.setdefault(factor, []).append(language.name)
    for factor, names in sorted(slower.items()):
        yield (
            f"these slow languages get {readable(factor)} times the time limit, and no bundled submission is "
            f"in one of them: {', '.join(sorted(names))}"
        )


def _limit_findings(calibrated: FoundLimit) -> Iterator[_Finding]:
    """The reason for the time limit, or why none was found."""
    if calibrated.seconds is None:
        what = f"no time limit was found, so {readable(FALLBACK_SECONDS)} s is used"
        yield _Finding("limit", f"{what}: name one in problem.yaml (limits.time_limit)")
    yield from (_Finding("limit", line, is_fault=False, mark="limit") for line in calibrated.reasons)


def has_accepted(results: list[VerifiedSubmission]) -> bool:
    """Whether a submission from the folder ``accepted`` was judged as it should be."""
    return any(each.submission.startswith("accepted/") and each.match is Match.GOOD for each in results)
