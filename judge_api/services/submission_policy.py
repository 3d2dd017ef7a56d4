"""From what a client posted to what the intake keeps: names looked up, quotas held, limits bounded.

Every dialect comes through here, so that none of them lets in what another would refuse.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields

from judge_api.services.language_availability import LanguageAvailability
from judge_api.services.problem_visibility import may_see
from judge_api.services.rate_limits import RateLimits
from judge_api.services.submission_service import SubmissionService
from judge_api.store.models import LIVE_PRIORITY, REJUDGE_PRIORITY, AcceptedSubmission, NewSubmission
from judge_api.store.problems import ProblemStore
from judge_core.messages import CustomRun, PackageRef, RunLimits
from judge_core.model.account import Account
from judge_core.model.errors import FieldFault, Invalid, SourceTooLarge, UnknownLanguage, UnknownProblem
from judge_core.model.problem import ProblemSpec
from judge_core.model.quotas import Quota, Quotas
from judge_core.model.submission import Kind

KEY_LENGTH = 255
_PROBLEM_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Posted:
    """A program as it was posted, whatever the dialect; ``problem`` and ``run`` as the kind needs them.

    ``by_all_tests`` is a run that is judged by every test of the problem, recorded against nobody, and waits
    behind all live work: a package's own submissions are many, and some are slow on purpose.
    """

    language: str
    source: str
    kind: Kind = Kind.SUBMISSION
    problem: str | None = None
    run: CustomRun | None = None
    run_all: bool = False
    by_all_tests: bool = False
    idempotency_key: str | None = None
    callback_url: str | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """What a dialect calls the fields, for its error messages."""

    language: str = "language"
    source: str = "source"
    problem: str = "problem"


class SubmissionPolicy:
    """Checks, then hands to the intake. Raises the errors of ``Refused``; nothing is kept by halves."""

    def __init__(
        self,
        intake: SubmissionService,
        problems: ProblemStore,
        offers: LanguageAvailability,
        quotas: Quotas,
        rates: RateLimits,
    ) -> None:
        self._intake = intake
        self._problems = problems
        self._offers = offers
        self._quotas = quotas
        self._rates = rates
        self._known: dict[str, tuple[float, ProblemSpec]] = {}

    def admit(self, account: Account, posted: Posted, named: Fields = Fields()) -> AcceptedSubmission:
        quota = self._quotas.of(account.tier)
        _check_key(posted.idempotency_key)
        _check_source(posted.source, quota.source_bytes, named.source)
        language = self._offers.find(posted.language, named.language)
        problem = self.problem(account, posted.problem, named.problem) if posted.problem is not None else None
        if problem is not None:
            _check_problem(problem, language.id, posted.source, named)
        if posted.run is not None:
            _check_run(posted.run, quota)
        self._rates.count(account, quota)
        return self._intake.submit(
            NewSubmission(
                account_id=account.id,
                tier=account.tier,
                language=language.id,
                source=posted.source,
                kind=posted.kind,
                package=PackageRef(problem.slug, problem.version) if problem else None,
                run=posted.run,
                run_all=posted.run_all,
                priority=REJUDGE_PRIORITY if posted.by_all_tests else LIVE_PRIORITY,
                samples_only=posted.kind is Kind.RUN and posted.run is None and not posted.by_all_tests,
                idempotency_key=posted.idempotency_key,
                callback_url=posted.callback_url,
                body_hash=_body_hash(posted) if posted.idempotency_key else None,
                max_unfinished=quota.unfinished,
                max_unfinished_runs=quota.runs_at_once,
            )
        )

    def problem(self, account: Account, slug: str, field: str = "problem") -> ProblemSpec:
        """The problem that is on offer to an account. Raises ``UnknownProblem``."""
        spec = self._look_up(slug)
        if spec is None or not may_see(account, spec):
            raise UnknownProblem(
                FieldFault(field, f"there is no problem {slug[:64]!r}; GET /problems lists them")
            )
        return spec

    def _look_up(self, slug: str) -> ProblemSpec | None:
        """The problem as it is now, or was a moment ago."""
        now = time.monotonic()
        known = self._known.get(slug)
        if known is not None and known[0] > now:
            return known[1]
        row = self._problems.get(slug)
        if row is None:
            self._known.pop(slug, None)
            return None
        spec = ProblemSpec.from_json(row.spec)
        self._known[slug] = (now + _PROBLEM_SECONDS, spec)
        return spec

    def forget(self) -> None:
        """After a problem was added or changed: look all of them up again."""
        self._known.clear()


def _check_key(key: str | None) -> None:
    if key is not None and not (0 < len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        raise Invalid(FieldFault("Idempotency-Key", f"must be 1 to {KEY_LENGTH} printable ASCII characters"))


def _check_source(source: str, most: int, field: str) -> None:
    size = len(source.encode())
    if size > most:
        raise SourceTooLarge(FieldFault(field, f"has {size} bytes; at most {most} are allowed"))


def _check_problem(problem: ProblemSpec, language: str, source: str, named: Fields) -> None:
    if problem.languages and language not in problem.languages:
        allowed = ", ".join(problem.languages)
        raise UnknownLanguage(FieldFault(named.language, f"{problem.slug} takes only {allowed}"))
    _check_source(source, problem.limits.code * 1024, named.source)


def _check_run(run: CustomRun, quota: Quota) -> None:
    faults = [*_limit_faults(run.limits, quota)]
    if len(run.cases) > quota.run_cases:
        faults.append(FieldFault("cases", f"at most {quota.run_cases} are allowed"))
    if not 1 <= run.repeat <= quota.run_repeat:
        faults.append(FieldFault("repeat", f"must be from 1 to {quota.run_repeat}"))
    size = sum(len(text.encode()) for case in run.cases for text in case if text is not None)
    if size > quota.run_bytes:
        faults.append(FieldFault("cases", f"inputs and outputs have {size} bytes; at most {quota.run_bytes}"))
    if faults:
        raise Invalid(*faults)


def _limit_faults(limits: RunLimits, quota: Quota) -> list[FieldFault]:
    most: Mapping[str, float] = {
        f.name: getattr(quota, f"run_{f.name}") for f in fields(limits) if hasattr(quota, f"run_{f.name}")
    }
    return [
        FieldFault(f"limits.{name}", f"must be at most {bound}")
        for name, bound in most.items()
        if (asked := getattr(limits, name)) is not None and asked > bound
    ]


def _body_hash(posted: Posted) -> str:
    meaning = (posted.kind, posted.language, posted.problem, posted.run, posted.run_all, posted.source)
    return hashlib.sha256(repr(meaning).encode()).hexdigest()
