"""Judges the submissions in a problem package: to find its time limit, and to verify their verdicts."""

from __future__ import annotations

from dataclasses import dataclass

from judge_api.services.submission_policy import PostedSubmission, SubmissionPolicy
from judge_api.store.problems import ProblemStore
from judge_core.logging import get_logger
from judge_core.model.account import Account
from judge_core.model.errors import GavelError
from judge_core.model.submission import Kind
from judge_core.model.verdict import Verdict
from judge_core.packages import PackageStore, StoredPackage
from judge_core.packages.package_store import BundledSubmission

logger = get_logger(__name__)
_NOT_JUDGED_HERE = "several files, or a language that is not known: gavel problems verify judges it"


@dataclass(frozen=True, slots=True)
class VerificationRun:
    """One submission of the package: the run that judges it, or a note why it is not judged here."""

    name: str
    expected: list[Verdict]
    language: str | None = None
    id: str | None = None
    note: str | None = None


class PackageVerification:
    """Submits the submissions of a package as runs. They use the author's quota."""

    def __init__(self, policy: SubmissionPolicy, problems: ProblemStore, packages: PackageStore) -> None:
        self._policy = policy
        self._problems = problems
        self._packages = packages

    def find_time_limit(self, author: Account, stored: StoredPackage) -> str | None:
        """Run an accepted submission of the package on its samples: the worker then calibrates the limit.

        Returns the run's id, or ``None`` if the limit is known or no submission of the package can be run
        here. In that case the first submission finds the limit.
        """
        if stored.spec.limits.time is not None or self._problems.known_time_limit(stored.hash) is not None:
            return None
        for solution in stored.reference_solutions:
            posted = PostedSubmission(
                language=solution.language,
                source=solution.source,
                kind=Kind.RUN,
                problem=stored.slug,
                idempotency_key=f"time-limit-{stored.hash}",
            )
            try:
                return self._policy.admit(author, posted).status.id
            except GavelError as error:
                logger.warning("No run finds the time limit yet", problem=stored.slug, reason=str(error))
        return None

    def verify(self, author: Account, slug: str, version: str) -> list[VerificationRun]:
        """Submit every submission of this version, each as a run by all tests."""
        return [self._run(author, slug, bundled) for bundled in self._packages.bundled_submissions(version)]

    def _run(self, author: Account, slug: str, bundled: BundledSubmission) -> VerificationRun:
        expected = sorted(bundled.expected)
        if bundled.solution is None:
            return VerificationRun(bundled.name, expected, note=_NOT_JUDGED_HERE)
        language, source = bundled.solution.language, bundled.solution.source
        posted = PostedSubmission(language, source, kind=Kind.RUN, problem=slug, by_all_tests=True)
        try:
            id = self._policy.admit(author, posted).status.id
        except GavelError as error:
            return VerificationRun(bundled.name, expected, language, note=str(error))
        return VerificationRun(bundled.name, expected, language, id)
