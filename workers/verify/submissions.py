"""Does every bundled submission get the verdict of its folder? The author's proof, by the judge itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from judge_core.model.language import Language
from judge_core.model.submission import Outcome
from judge_core.model.verdict import Verdict
from judge_core.packages import Package, Program
from judge_core.packages.expected_verdicts import EXPECTED, read_tag
from judge_core.packages.spec import best_score
from workers.judging.errors import JudgingFault, LanguageUnavailable
from workers.judging.judge import Judge, Solution
from workers.judging.package_programs import NoProgress, bundled_files, main_language
from workers.judging.scoring import CaseGrade, group_scores
from workers.verify.expectations import Expectation, build_settings, expectations_for, read_expectations


class Match(StrEnum):
    """How a bundled submission stands to its folder."""

    GOOD = "good"
    BAD = "bad"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class VerifiedSubmission:
    """One line of the author's table."""

    submission: str
    standing: Match
    verdict: str
    expected: str
    language: str = ""
    slowest_ms: int | None = None
    memory_kb: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SubmissionVerifier:
    """Judges the bundled submissions of a package, one after the other.

    ``all_tests`` goes on after a first failure, and holds every test to what the folder's name promises.
    """

    judge: Judge
    languages: Mapping[str, Language]
    told: Callable[[VerifiedSubmission], None]
    all_tests: bool = False

    def verify(self, package: Package) -> list[VerifiedSubmission]:
        """A proof for every bundled submission; each is told as soon as it is there."""
        proofs = []
        expectations = read_expectations(package)
        for program in package.submissions:
            rules = tuple(each for each in expectations if each.is_for(program.name))
            rules = expectations_for(package, program) if self.all_tests else rules
            proof = self._prove(package, program, rules)
            self.told(proof)
            proofs.append(proof)
        return proofs

    def _prove(
        self, package: Package, program: Program, rules: tuple[Expectation, ...]
    ) -> VerifiedSubmission:
        expected, words = _promised(program, rules)
        build = build_settings(package, program.name)
        language = main_language(program, self.languages, build.language)
        if language is None and package.metadata.type.submit_answer:
            language = next(iter(self.languages.values()))  # answers are in none, and nothing asks for it
        if language is None:
            return VerifiedSubmission(
                program.name, Match.SKIPPED, "-", words, note="no language has its files' extension"
            )
        files = bundled_files(package, program, language)
        try:
            outcome = self.judge.judge_entry(
                package,
                Solution(
                    language, files, bool(rules) or self.all_tests, reveal=True, entrypoint=build.entrypoint
                ),
                NoProgress(),
            )
        except LanguageUnavailable as error:
            return VerifiedSubmission(program.name, Match.SKIPPED, "-", words, language.id, note=error.reason)
        except JudgingFault as error:
            return VerifiedSubmission(program.name, Match.BAD, "fault", words, language.id, note=error.reason)
        groups = _group_scores(package, outcome)
        broken = [fault for rule in rules for fault in rule.faults(outcome, groups)]
        broken += _too_good(package, program, outcome)
        standing = Match.GOOD if outcome.verdict in expected and not broken else Match.BAD
        return VerifiedSubmission(
            program.name,
            standing,
            outcome.verdict.value,
            words,
            "" if package.metadata.type.submit_answer else language.id,
            outcome.cpu_ms,
            outcome.memory_kb,
            "; ".join(broken) or _note(outcome),
        )


def _too_good(package: Package, program: Program, outcome: Outcome) -> Iterator[str]:
    """What is called partially accepted must leave something to be gained."""
    if not program.name.startswith("partially_accepted/"):
        return
    best = best_score(package)
    if not package.metadata.type.scoring:
        yield "partially_accepted is for scoring problems only"
    elif best is not None and outcome.score == best:
        yield f"it has the best score there is, {best:g}: it belongs into accepted"


def _promised(program: Program, rules: tuple[Expectation, ...]) -> tuple[frozenset[Verdict], str]:
    """The verdicts of the folder's name, unless ``submissions.yaml`` puts its own in their place."""
    tagged = read_tag(program)
    if tagged:
        return tagged, " or ".join(sorted(tagged))
    folder = program.name.split("/")[0]
    if folder not in EXPECTED or any(rule.submissions == folder for rule in rules):
        return frozenset(Verdict), "submissions.yaml" if rules else "any"
    return EXPECTED[folder], " or ".join(sorted(EXPECTED[folder]))


def _group_scores(package: Package, outcome: Outcome) -> dict[str, float]:
    """Nothing where a grader of the package's own makes the scores: only the whole is known then."""
    if not package.metadata.type.scoring or package.data.wants_grader:
        return {}
    results = {test.name: CaseGrade(test.verdict, test.score) for test in outcome.tests}
    return group_scores(package.data, results, package.metadata.is_graded_as_legacy)


def _note(outcome: Outcome) -> str:
    failed = next((test for test in outcome.tests if test.verdict is not Verdict.AC), None)
    score = f"score {outcome.score:g}" if outcome.score is not None else ""
    if failed is None:
        return score
    return ", ".join(part for part in (failed.name, failed.detail, failed.message, score) if part)
