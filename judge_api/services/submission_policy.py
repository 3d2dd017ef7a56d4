"""Checks a posted submission (key, source, language, problem, limits, rate) and passes it on to be stored.

The native API and every compatible API call this, so all of them refuse the same submissions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from judge_api.services.disk_space import DiskSpace
from judge_api.services.event_access import EventAccess
from judge_api.services.language_availability import LanguageAvailability
from judge_api.services.maintenance_switch import MaintenanceSwitch
from judge_api.services.problem_visibility import VisibleProblems
from judge_api.services.rate_limits import RateLimits
from judge_api.services.running_events import RunningEvents
from judge_api.services.submission_service import SubmissionService
from judge_api.store.records import LIVE_PRIORITY, REJUDGE_PRIORITY, AcceptedSubmission, NewSubmission
from judge_api.store.submissions import is_same_body, key_was_reused
from judge_core.messages import CustomRun, PackageRef, RunLimits
from judge_core.model.account import Account, Quota, Quotas, Tier
from judge_core.model.errors import (
    Conflict,
    FieldFault,
    Invalid,
    Refused,
    SourceTooLarge,
    UnknownLanguage,
)
from judge_core.model.language import Language
from judge_core.model.problem import ProblemSpec
from judge_core.model.program_files import ProgramFile, ProgramFiles
from judge_core.model.submission import Kind, Status
from judge_core.tracing import current_traceparent

KEY_LENGTH = 255
_PLACE = "\x1f"
"""Separates the key of a batch from an item's position in it. No client can send it in a header."""


@dataclass(frozen=True, slots=True)
class PostedSubmission:
    """A submission as a client has posted it to any API. It is not checked yet.

    A program of several files has ``files`` and no ``source``. ``problem`` and ``run`` are set as the kind
    needs them. ``by_all_tests`` is a run with all tests of the problem. It counts for no statistics and waits
    until other work is done, because a package has many submissions, and some are slow on purpose.
    ``version`` is a version of the problem to judge with instead of the published version. The caller has
    checked that the account may edit the problem.
    """

    language: str
    source: str
    kind: Kind = Kind.SUBMISSION
    problem: str | None = None
    run: CustomRun | None = None
    run_all: bool = False
    by_all_tests: bool = False
    version: ProblemSpec | None = None
    idempotency_key: str | None = None
    callback_url: str | None = None
    files: ProgramFiles | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class FieldNames:
    """The names of the fields in an API, for its error messages."""

    language: str = "language"
    source: str = "source"
    problem: str = "problem"


@dataclass(frozen=True, slots=True)
class SubmissionEvents:
    """The events that submissions belong to, and the exams that allow no other submissions."""

    access: EventAccess
    running: RunningEvents


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """The limits on what is accepted: the quota and rate of each account, the free disk space, and planned
    maintenance."""

    quotas: Quotas
    rate_limits: RateLimits
    disk_space: DiskSpace
    maintenance: MaintenanceSwitch


class SubmissionPolicy:
    """Decides which submissions are accepted. A refusal is a subclass of ``Refused``, ``UnderMaintenance``,
    or ``StoreUnavailable`` if a disk is full."""

    def __init__(
        self,
        submissions: SubmissionService,
        problems: VisibleProblems,
        languages: LanguageAvailability,
        limits: AdmissionLimits,
        events: SubmissionEvents,
    ) -> None:
        self._submissions = submissions
        self._problems = problems
        self._languages = languages
        self._limits = limits
        self._events = events

    def admit(
        self, account: Account, posted: PostedSubmission, names: FieldNames = FieldNames()
    ) -> AcceptedSubmission:
        """Check a submission, count it against the account's rate limits, then store and send it."""
        self._limits.maintenance.require_open()
        self._limits.disk_space.require_room()
        account = replace(account, tier=self._limits.quotas.serving(account.tier))
        quota = self._limits.quotas.of(account.tier)
        _check_key(posted.idempotency_key)
        try:
            new = self._checked(account, quota, posted, names)
            limits = self._limits.rate_limits.count_submission(account, quota)
        except Refused:
            # A repeated request must find its submission even if a new submission would be refused now, for
            # example because the event has ended.
            if (earlier := self._earlier_of(account, posted)) is None:
                raise
            return earlier
        accepted = self._submissions.submit(new)
        return replace(accepted, limits=(*limits, *accepted.limits)) if limits else accepted

    def admit_batch(
        self, account: Account, batch: Sequence[PostedSubmission | Refused], key: str | None
    ) -> list[AcceptedSubmission | Refused]:
        """The same as :meth:`admit` for many submissions. Each is accepted, refused and counted on its own.

        ``key`` is the idempotency key of the whole batch. A repeated batch finds the submissions that the
        first one accepted. They are not counted again, and the rest is tried again. Items of ``batch`` that
        were refused already stay refused.
        """
        self._limits.maintenance.require_open()
        self._limits.disk_space.require_room()
        _check_key(key)
        account = replace(account, tier=self._limits.quotas.serving(account.tier))
        quota = self._limits.quotas.of(account.tier)
        keyed = [_with_key(posted, key, place) for place, posted in enumerate(batch)]
        earlier = self._earlier(account, keyed) if key is not None else {}
        found = [self._result_or_new(account, quota, posted, earlier) for posted in keyed]
        stored = iter(
            self._submissions.submit_batch([one for one in found if isinstance(one, NewSubmission)])
        )
        return [next(stored) if isinstance(one, NewSubmission) else one for one in found]

    def _earlier_of(self, account: Account, posted: PostedSubmission) -> AcceptedSubmission | None:
        """The submission that an earlier request with the same key made. Raises ``IdempotencyKeyReused``."""
        key = posted.idempotency_key
        if key is None or (found := self._submissions.with_keys(account.id, [key]).get(key)) is None:
            return None
        if not is_same_body(found[1], _body_hash(posted)):
            raise key_was_reused()
        return AcceptedSubmission(found[0], duplicate=True)

    def _earlier(
        self, account: Account, batch: Sequence[PostedSubmission | Refused]
    ) -> Mapping[str, tuple[Status, str | None]]:
        keys = [one.idempotency_key for one in batch if isinstance(one, PostedSubmission)]
        return self._submissions.with_keys(account.id, [key for key in keys if key is not None])

    def _result_or_new(
        self,
        account: Account,
        quota: Quota,
        posted: PostedSubmission | Refused,
        earlier: Mapping[str, tuple[Status, str | None]],
    ) -> NewSubmission | AcceptedSubmission | Refused:
        if isinstance(posted, Refused):
            return posted
        if (found := earlier.get(posted.idempotency_key or "")) is not None:
            is_same = is_same_body(found[1], _body_hash(posted))
            return AcceptedSubmission(found[0], duplicate=True) if is_same else key_was_reused()
        try:
            new = self._checked(account, quota, posted, FieldNames())
            self._limits.rate_limits.count_submission(account, quota)
        except Refused as refusal:
            return refusal
        return new

    def _checked(
        self, account: Account, quota: Quota, posted: PostedSubmission, names: FieldNames
    ) -> NewSubmission:
        size = _check_source(posted, quota, names)
        tier = self._tier_of(account, posted)
        found = self._languages.find(posted.language, tier, names.language)
        language = found.id
        if posted.files is not None:
            posted = _with_main_text(posted, posted.files, found)
        asked, package, entry = posted, None, None
        slug = posted.problem
        if posted.event is not None and slug is not None:
            entry, slug = self._events.access.entry(account, posted.event, slug, language)
        self._events.running.require_in_exam(account, posted.kind, slug, posted.event)
        if posted.event is None and slug is not None and posted.kind is Kind.SUBMISSION:
            self._events.running.require_event(account, slug)
        if slug is not None:
            problem = posted.version or self._problems.get(
                account, slug, names.problem, granted=entry is not None
            )
            if problem.suspended is not None and not posted.by_all_tests:
                raise Conflict(f"{problem.slug} takes no submissions for now: {problem.suspended}")
            _check_problem(problem, language, size, names)
            posted = _with_required_files(posted, problem, found)
            package = PackageRef(problem.slug, problem.version)
        if posted.run is not None:
            _check_run(posted.run, quota)
        new = _new_submission(account, quota, posted, language, package)
        # The hash is that of the posted request, so a repeated request has the same hash.
        if asked.idempotency_key:
            new = replace(new, body_hash=_body_hash(asked))
        return new if entry is None else replace(new, event=entry, tier=tier, priority=entry.priority)

    def _tier_of(self, account: Account, posted: PostedSubmission) -> Tier:
        """The tier whose workers judge a submission.

        It is the event's tier, if the event has one, else the account's.
        """
        tier = None if posted.event is None else self._events.access.tier_of(posted.event)
        return account.tier if tier is None else self._limits.quotas.serving(tier)


def _new_submission(
    account: Account, quota: Quota, posted: PostedSubmission, language: str, package: PackageRef | None
) -> NewSubmission:
    return NewSubmission(
        account_id=account.id,
        tier=account.tier,
        language=language,
        source=posted.source,
        files=posted.files,
        kind=posted.kind,
        package=package,
        run=posted.run,
        run_all=posted.run_all,
        priority=REJUDGE_PRIORITY if posted.by_all_tests else LIVE_PRIORITY,
        samples_only=posted.kind is Kind.RUN and posted.run is None and not posted.by_all_tests,
        idempotency_key=posted.idempotency_key,
        callback_url=posted.callback_url,
        max_unfinished=quota.unfinished,
        max_unfinished_runs=quota.runs_at_once,
        traceparent=current_traceparent.get(),
    )


def _with_key(posted: PostedSubmission | Refused, key: str | None, place: int) -> PostedSubmission | Refused:
    if isinstance(posted, Refused) or key is None:
        return posted
    return replace(posted, idempotency_key=f"{_digest(key)}{_PLACE}{place}")


def _digest(key: str) -> str:
    """A hash of the key. The key itself, with an item's position, may be longer than the column."""
    return hashlib.sha256(key.encode()).hexdigest()


def _check_key(key: str | None) -> None:
    if key is not None and not (0 < len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        raise Invalid(FieldFault("Idempotency-Key", f"must be 1 to {KEY_LENGTH} printable ASCII characters"))


def _check_source(posted: PostedSubmission, quota: Quota, names: FieldNames) -> int:
    """The size of the program in bytes. Raises ``SourceTooLarge``.

    A run's files may also be data, so the limit of its inputs applies to them if it is larger.
    """
    if posted.files is None:
        size, most = len(posted.source.encode()), quota.source_bytes
    else:
        size = posted.files.size
        most = max(quota.source_bytes, quota.run_bytes if posted.kind is Kind.RUN else 0)
    _check_size(size, most, names.source if posted.files is None else "files")
    return size


def _check_size(size: int, most: int, field: str) -> None:
    if size > most:
        raise SourceTooLarge(FieldFault(field, f"has {size} bytes; at most {most} are allowed"))


def _with_main_text(posted: PostedSubmission, files: ProgramFiles, language: Language) -> PostedSubmission:
    """The submission, with the text of its main file as ``source``. Raises ``Invalid`` for wrong files."""
    faults = tuple(files.faults(language.extensions))
    if faults:
        raise Invalid(*faults)
    return replace(posted, source=files.main_text)


def _check_problem(problem: ProblemSpec, language: str, size: int, names: FieldNames) -> None:
    if problem.languages and language not in problem.languages:
        allowed = ", ".join(problem.languages)
        raise UnknownLanguage(FieldFault(names.language, f"{problem.slug} takes only {allowed}"))
    _check_size(size, problem.limits.code * 1024, names.source)


def _with_required_files(
    posted: PostedSubmission, problem: ProblemSpec, language: Language
) -> PostedSubmission:
    """The submission, with the file names that the problem requires.

    If the problem requires exactly one file, of this language, a single source gets its name. Raises
    ``Invalid`` with the names of missing files.
    """
    wanted = problem.required_files
    if not wanted or (posted.kind is not Kind.SUBMISSION and posted.run is not None):
        return posted
    if posted.files is None and len(wanted) == 1 and wanted[0].endswith(language.extensions):
        only = ProgramFiles((ProgramFile.of(wanted[0], posted.source.encode()),), wanted[0])
        return replace(posted, files=only)
    sent = {file.name for file in posted.files.files} if posted.files is not None else set()
    missing = [name for name in wanted if name not in sent]
    if missing:
        names = " and ".join(missing)
        raise Invalid(
            FieldFault("files", f"{problem.slug} needs a file named {names}: send your file under this name")
        )
    return posted


def _check_run(run: CustomRun, quota: Quota) -> None:
    faults = [*_limit_faults(run.limits, quota)]
    if len(run.cases) > quota.run_cases:
        faults.append(FieldFault("cases", f"at most {quota.run_cases} are allowed"))
    if not 1 <= run.repeat <= quota.run_repeat:
        faults.append(FieldFault("repeat", f"must be from 1 to {quota.run_repeat}"))
    size = sum(len(content) for case in run.case_bytes() for content in case if content is not None)
    if size > quota.run_bytes:
        most = quota.run_bytes
        faults.append(
            FieldFault("cases", f"inputs and outputs have {size} bytes; at most {most} are allowed")
        )
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


def _body_hash(posted: PostedSubmission) -> str:
    source = posted.files.main_text if posted.files is not None and posted.files.files else posted.source
    content = (posted.kind, posted.language, posted.problem, posted.run, posted.run_all, source)
    described = repr(content if posted.files is None else (*content, posted.files))
    if posted.run is not None and (posted.run.encoded_cases or posted.run.exact_lines):
        # The two fields are not in the record's repr, so that a retry during an upgrade has the same hash as
        # in release 0.2.0.
        described += repr((posted.run.encoded_cases, posted.run.exact_lines))
    if posted.event is not None:
        described += repr(posted.event)
    return hashlib.sha256(described.encode()).hexdigest()
