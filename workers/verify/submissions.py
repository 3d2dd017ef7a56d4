"""Judges a package's bundled submissions. Compares each verdict with what the submission's folder, its tags
and ``submissions.yaml`` expect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from judge_core.model.language import Language
from judge_core.model.numbers import Bounds, readable
from judge_core.model.submission import Outcome, Verdict
from judge_core.packages import Package, Program
from judge_core.packages.expected_verdicts import VERDICTS_BY_FOLDER, read_tag, score_tags
from judge_core.packages.spec import best_score
from workers.judging.errors import JudgingFault, LanguageUnavailable, sandbox_errors_as_faults
from workers.judging.expectations import Expectation, build_settings, expectations_for, read_expectations
from workers.judging.judge import Judge, Solution
from workers.judging.progress import NoProgress
from workers.judging.sources import bundled_files, main_language
from workers.judging.verdict import CaseGrade, group_scores

_ROUNDING = 1e-6
_SCORES = Bounds(-1e15, 1e15)


class Match(StrEnum):
    """Whether a bundled submission was judged as the package expects."""

    GOOD = "good"
    BAD = "bad"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class VerifiedSubmission:
    """One bundled submission after judging: one line of the report."""

    submission: str
    match: Match
    verdict: str
    expected: str
    language: str = ""
    slowest_ms: int | None = None
    memory_kb: int | None = None
    score: float | None = None
    note: str = ""
    compiler: str = ""


@dataclass(frozen=True, slots=True)
class SubmissionVerifier:
    """Judges the bundled submissions of a package, one after the other.

    ``all_tests`` goes on after a first failure and checks every test against the folder's expectations.
    ``only`` names the submissions to judge. Without it, all of them are judged.
    """

    judge: Judge
    languages: Mapping[str, Language]
    on_result: Callable[[VerifiedSubmission], None]
    all_tests: bool = False
    only: frozenset[str] | None = None

    def verify(self, package: Package) -> list[VerifiedSubmission]:
        """Judge every bundled submission, or those that ``only`` names. ``on_result`` is called with each
        result as soon as it is there."""
        results = []
        expectations = read_expectations(package)
        for program in package.submissions:
            if self.only is not None and program.name not in self.only:
                continue
            rules = tuple(each for each in expectations if each.is_for(program.name))
            rules = expectations_for(package, program) if self.all_tests else rules
            result = self._verify_one(package, program, rules)
            self.on_result(result)
            results.append(result)
        return results

    def _verify_one(
        self, package: Package, program: Program, rules: tuple[Expectation, ...]
    ) -> VerifiedSubmission:
        verdicts, expected = _expected_verdicts(program, rules)
        solution = self._solution(package, program, bool(rules) or self.all_tests)
        if solution is None:
            note = "no language has its files' extension: rename the files"
            return VerifiedSubmission(program.name, Match.SKIPPED, "-", expected, note=note)
        language = solution.language.id
        try:
            with sandbox_errors_as_faults():
                outcome = self.judge.judge_solution(package, solution, NoProgress())
        except LanguageUnavailable as error:
            return VerifiedSubmission(program.name, Match.SKIPPED, "-", expected, language, note=error.reason)
        except JudgingFault as error:
            return VerifiedSubmission(program.name, Match.BAD, "fault", expected, language, note=error.reason)
        groups = _group_scores(package, outcome)
        broken = [fault for rule in rules for fault in rule.faults(outcome, groups)]
        broken += _best_score_faults(package, program, outcome)
        broken += _score_tag_faults(package, program, outcome)
        return VerifiedSubmission(
            program.name,
            Match.GOOD if outcome.verdict in verdicts and not broken else Match.BAD,
            outcome.verdict.value,
            expected,
            "" if package.metadata.type.submit_answer else language,
            outcome.cpu_ms,
            outcome.memory_kb,
            outcome.score,
            "; ".join(broken) or _note(outcome),
            outcome.compiler or "",
        )

    def _solution(self, package: Package, program: Program, run_all: bool) -> Solution | None:
        """A bundled submission as a solution; ``None`` when no language fits. Submitted answers have no
        language, so any language serves."""
        return solution_of(package, program, self.languages, run_all)


def solution_of(
    package: Package, program: Program, languages: Mapping[str, Language], run_all: bool = False
) -> Solution | None:
    """A bundled submission as a solution; ``None`` when no language fits."""
    build = build_settings(package, program.name)
    language = main_language(program, languages, build.language)
    if language is None and package.metadata.type.submit_answer:
        language = next(iter(languages.values()))
    if language is None:
        return None
    files = bundled_files(package, program, language)
    return Solution(language, files, run_all, reveal=True, entrypoint=build.entrypoint)


def _best_score_faults(package: Package, program: Program, outcome: Outcome) -> Iterator[str]:
    """A submission in partially_accepted must not have the best score."""
    if not program.name.startswith("partially_accepted/"):
        return
    best = best_score(package)
    if not package.metadata.type.scoring:
        yield "partially_accepted is for scoring problems only"
    elif best is not None and outcome.score is not None and abs(outcome.score - best) < _ROUNDING:
        yield f"it has the best possible score, {readable(best)}: move it to accepted"


def _score_tag_faults(package: Package, program: Program, outcome: Outcome) -> Iterator[str]:
    """The score must be one that the source's ``@EXPECTED_SCORE@`` names."""
    wanted: list[float] = []
    tags = score_tags(program)
    for tag in tags:
        try:
            wanted.append(_SCORES.parse(tag))
        except ValueError:
            yield f"@EXPECTED_SCORE@ {tag[:40]!r} is no score and no verdict"
    if wanted and not package.metadata.type.scoring:
        yield "@EXPECTED_SCORE@ is for scoring problems only"
    elif wanted and not any(abs((outcome.score or 0.0) - each) < _ROUNDING for each in wanted):
        words = " or ".join(map(readable, wanted))
        yield f"score {readable(outcome.score or 0.0)}, but @EXPECTED_SCORE@ says {words}"


def _expected_verdicts(program: Program, rules: tuple[Expectation, ...]) -> tuple[frozenset[Verdict], str]:
    """The verdicts that a submission may get, by its tag, its folder or ``submissions.yaml``, and their
    names."""
    tagged = read_tag(program)
    if tagged:
        return tagged, " or ".join(sorted(tagged))
    folder = program.name.split("/")[0]
    if folder not in VERDICTS_BY_FOLDER or any(rule.submissions == folder for rule in rules):
        return frozenset(Verdict), "submissions.yaml" if rules else "any"
    return VERDICTS_BY_FOLDER[folder], " or ".join(sorted(VERDICTS_BY_FOLDER[folder]))


def _group_scores(package: Package, outcome: Outcome) -> dict[str, float]:
    """The scores of groups; none if the package has a grader of its own, which gives only the score of the
    whole."""
    if not package.metadata.type.scoring or package.data.wants_grader:
        return {}
    results = {test.name: CaseGrade(test.verdict, test.score) for test in outcome.tests}
    return group_scores(package.data, results, package.metadata.is_graded_as_legacy)


def _note(outcome: Outcome) -> str:
    failed = next((test for test in outcome.tests if test.verdict is not Verdict.AC), None)
    score = f"score {readable(outcome.score)}" if outcome.score is not None else ""
    if failed is None:
        return score
    return ", ".join(part for part in (failed.name, failed.detail, failed.message, score) if part)
