"""Judges the submissions in a problem package: to find its time limit, and to verify their verdicts."""

from __future__ import annotations

from dataclasses import replace

from judge_api.services.submission_policy import PostedSubmission, SubmissionPolicy
from judge_api.store.problem_verifications import LineOutcome, Verification, VerificationLine
from judge_api.store.problems import ProblemStore
from judge_core.logging import get_logger
from judge_core.messages import PACKAGE_CHECK, CustomRun
from judge_core.model.account import Account
from judge_core.model.errors import Conflict, GavelError, QuotaExceeded
from judge_core.model.problem import ProblemSpec
from judge_core.model.submission import Kind, Verdict
from judge_core.packages import PackageStore, StoredPackage
from judge_core.packages.package_store import BundledSubmission, ReferenceSolution

logger = get_logger(__name__)
_VALIDATORS = (
    "input_validators",
    "input_format_validators",
    "input_validator",
    "output_validators",
    "output_validator",
    "answer_validators",
    "answer_validator",
)
_VISUALIZERS = ("input_visualizer", "input_visualizers")
_NOT_JUDGED_HERE = "its files are in several languages, or in an unknown one: gavel problems verify judges it"


class PackageVerification:
    """Submits the submissions of a package as runs. They use the author's quota."""

    def __init__(self, policy: SubmissionPolicy, problems: ProblemStore, packages: PackageStore) -> None:
        self._policy = policy
        self._problems = problems
        self._packages = packages

    def find_time_limit(self, author: Account, stored: StoredPackage) -> str | None:
        """Run an accepted submission of the package on its samples, so that the worker calibrates the time
        limit.

        Returns the run's id. ``None`` if the limit is known, or if no submission of the package can be run
        here. In the latter case, the first submission of a user calibrates the limit.
        """
        if stored.spec.limits.time is not None or self._problems.known_time_limit(stored.hash) is not None:
            return None
        for solution in stored.reference_solutions:
            posted = PostedSubmission(
                language=solution.language,
                source=solution.source,
                files=solution.files,
                kind=Kind.RUN,
                problem=stored.slug,
                version=stored.spec,
                idempotency_key=f"time-limit-{stored.hash}",
            )
            try:
                return self._policy.admit(author, posted).status.id
            except GavelError as error:
                logger.warning(
                    "The run that calibrates the time limit was refused",
                    problem=stored.slug,
                    reason=str(error),
                )
        return None

    def draw(self, author: Account, spec: ProblemSpec, test: str) -> str:
        """Let a worker draw a test with the version's input visualizer. Returns the run's id.

        Raises ``Conflict`` if the package has no input visualizer, or no submission, because a run needs a
        program.
        """
        folders = {each.path.partition("/")[0] for each in self._packages.files(spec.version)}
        if folders.isdisjoint(_VISUALIZERS):
            raise Conflict("the package has no program in input_visualizer/")
        bundled = self._packages.bundled_submissions(spec.version)
        solution = next((each.solution for each in bundled if each.solution is not None), None)
        if solution is None:
            raise Conflict("the package has no submission: add one to submissions/accepted first")
        run = CustomRun((("", None),), draws=test)
        posted = _run_of(spec, solution, run=run)
        return self._policy.admit(author, posted).status.id

    def send(
        self, author: Account, spec: ProblemSpec, verification: Verification
    ) -> tuple[VerificationLine, ...]:
        """Submit every submission of this version that has no run yet. If the quota is used up, the rest
        wait."""
        known = {line.name: line for line in verification.lines}
        lines = []
        found = self._packages.bundled_submissions(spec.version)
        for number, bundled in enumerate(found):
            line = known.get(bundled.name)
            if line is None or line.outcome is LineOutcome.WAITING:
                line = self._run(author, spec, bundled, f"verification-{verification.id}-{number}")
            lines.append(line)
        line = known.get(PACKAGE_CHECK)
        if line is None or line.outcome is LineOutcome.WAITING:
            solution = next((each.solution for each in found if each.solution is not None), None)
            line = self._check(author, spec, solution, f"verification-{verification.id}-{PACKAGE_CHECK}")
        return tuple(lines) if line is None else (*lines, line)

    def _check(
        self, author: Account, spec: ProblemSpec, solution: ReferenceSolution | None, key: str
    ) -> VerificationLine | None:
        """The line for the run of the package's validators, if the package has any.

        The run needs a program, which is ``solution``.
        """
        if solution is None or not self._has_validators(spec.version):
            return None
        line = VerificationLine(PACKAGE_CHECK, [Verdict.AC.value])
        run = CustomRun((("", None),), checks_package=True)
        posted = _run_of(spec, solution, key, run)
        return self._sent(author, posted, line)

    def _has_validators(self, version: str) -> bool:
        return any(each.path.partition("/")[0] in _VALIDATORS for each in self._packages.files(version))

    def _run(
        self, author: Account, spec: ProblemSpec, bundled: BundledSubmission, key: str
    ) -> VerificationLine:
        line = VerificationLine(bundled.name, sorted(each.value for each in bundled.expected))
        if bundled.solution is None:
            return replace(line, note=_NOT_JUDGED_HERE, outcome=LineOutcome.SKIPPED)
        line = replace(line, language=bundled.solution.language)
        return self._sent(author, _run_of(spec, bundled.solution, key), line)

    def _sent(self, author: Account, posted: PostedSubmission, line: VerificationLine) -> VerificationLine:
        try:
            return replace(line, id=self._policy.admit(author, posted).status.id)
        except QuotaExceeded as error:
            return replace(line, note=f"waits: {error}", outcome=LineOutcome.WAITING)
        except GavelError as error:
            return replace(line, note=str(error), outcome=LineOutcome.SKIPPED)


def _run_of(
    spec: ProblemSpec, solution: ReferenceSolution, key: str | None = None, run: CustomRun | None = None
) -> PostedSubmission:
    """A run of a solution in the package against all tests of a version, or as ``run`` says."""
    return PostedSubmission(
        solution.language,
        solution.source,
        files=solution.files,
        kind=Kind.RUN,
        problem=spec.slug,
        run=run,
        version=spec,
        by_all_tests=True,
        idempotency_key=key,
    )
