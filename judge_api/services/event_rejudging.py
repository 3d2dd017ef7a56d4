"""Runs submissions of an event again, shows what would change, and applies the changes.

The runs belong to the jury's account, so members do not see them. Applying a rejudging records exactly the
results that the jury has seen, and judges nothing again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

from judge_api.events.scoring import EventTry
from judge_api.events.standings import Row, standings_of
from judge_api.services.scoreboards import Scoreboards
from judge_api.services.status_service import StatusService
from judge_api.services.submission_service import SubmissionService
from judge_api.store.attempts import AttemptStore
from judge_api.store.engine import within_time_budget
from judge_api.store.event_rejudgings import EventRejudgingStore, Rejudging, RejudgingState
from judge_api.store.event_results import EventResultStore, EventSubmission, parts_of, share_of
from judge_api.store.events import StoredEvent
from judge_api.store.problems import ProblemStore
from judge_api.store.records import REJUDGE_PRIORITY, AcceptedSubmission, NewSubmission
from judge_api.store.submissions import SubmissionStore
from judge_api.store.tables import new_id
from judge_api.store.verdicts import VerdictStore
from judge_core.clock import utc_now
from judge_core.messages import PackageRef, Report, ReportKind
from judge_core.model.account import Account
from judge_core.model.errors import Conflict, StoreFailed, StoreUnavailable
from judge_core.model.submission import Kind, Outcome, Status, Verdict, rfc3339

MOST = 5000
_AT_ONCE = 100
_WORKER = "rejudging"
_RENEW_SECONDS = 10.0
"""How many seconds pass until a claim is renewed. The time of a request in the database is limited, so the
rest of the claim is long enough to record one more submission."""
_ENDED = "this rejudging was applied or cancelled already: begin a new one to judge again"
_BEGUN = "this rejudging is being applied: wait until it has ended, and apply it again if it was interrupted"
_TOO_SLOW = "preparing the rejudging was interrupted for more than a minute: begin it again"


@dataclass(frozen=True, slots=True)
class RejudgedSubmission:
    """A submission with its result and the result of its run. ``after`` is ``None`` while the run is not
    finished."""

    submission: EventSubmission
    run: Status | None

    @property
    def after(self) -> Outcome | None:
        """The run's result. Its groups have only their scores, by name, as the record of the submission has
        them."""
        outcome = self.run.outcome if self.run else None
        scoring = outcome.scoring if outcome else None
        if outcome is None or scoring is None or not scoring.groups:
            return outcome
        return replace(outcome, groups={group.name: group.score for group in scoring.groups})

    @property
    def is_done(self) -> bool:
        return self.run is None or self.run.stage.is_final

    @property
    def changes(self) -> bool:
        """Whether the result would change. A run that failed changes nothing."""
        before, after = self.submission, self.after
        if after is None:
            return False
        has_groups = before.groups is not None and after.groups is not None
        is_same = (before.verdict, before.score) == (after.verdict, after.score)
        return not is_same or (has_groups and before.groups != after.groups)


class Move(NamedTuple):
    """A member's row before and after the rejudging."""

    before: Row
    after: Row


@dataclass(frozen=True, slots=True)
class RejudgingStores:
    """The stores that rejudgings read and write."""

    rejudgings: EventRejudgingStore
    results: EventResultStore
    submissions: SubmissionStore
    problems: ProblemStore
    attempts: AttemptStore
    verdicts: VerdictStore


class EventRejudging:
    """Begins, shows and applies rejudgings. Every method may raise ``StoreUnavailable``."""

    def __init__(
        self,
        stores: RejudgingStores,
        submissions: SubmissionService,
        statuses: StatusService,
        scoreboards: Scoreboards,
        seconds: float,
    ) -> None:
        """Set the stores and the time limit.

        ``seconds`` is the time limit of one request in the database. Each part of a rejudging gets this time
        again, because thousands of submissions take longer than one request may.
        """
        self._stores = stores
        self._submissions = submissions
        self._statuses = statuses
        self._scoreboards = scoreboards
        self._seconds = seconds

    def begin(self, event: StoredEvent, jury: Account, reason: str, chosen: Sequence[EventSubmission]) -> str:
        """Run these submissions with their problems' present tests. Returns the rejudging's id.

        If the database fails meanwhile, the runs that were made are cancelled, and the client must ask again.
        Raises ``Conflict`` while another request begins a rejudging of the event, or if the preparation was
        interrupted for too long.
        """
        request, store = new_id(), self._stores.rejudgings
        id = store.begin(event.id, reason, jury.id, request)
        runs: dict[str, str | None] = {}
        try:
            for start in range(0, len(chosen), _AT_ONCE):
                with within_time_budget(self._seconds):
                    self._run_all(jury, chosen[start : start + _AT_ONCE], runs)
                    store.renew(id, request)
            with within_time_budget(self._seconds):
                is_complete = store.complete(id, request, runs)
        except StoreUnavailable:
            with suppress(StoreUnavailable):
                self._give_up(id, runs)
            raise
        if not is_complete:
            self._give_up(id, runs)
            raise Conflict(_TOO_SLOW)
        return id

    def _give_up(self, rejudging_id: str, runs: Mapping[str, str | None]) -> None:
        """Delete a rejudging that is not complete, and cancel its runs."""
        with within_time_budget(self._seconds):
            self._stores.rejudgings.discard(rejudging_id)
        self._cancel_runs(self._runs_by_id([run for run in runs.values() if run is not None]).values())

    def _run_all(self, jury: Account, chosen: Sequence[EventSubmission], runs: dict[str, str | None]) -> None:
        """Add the run of each submission to ``runs``. It is ``None`` for a submission that cannot be run
        again.

        Raises ``StoreUnavailable`` if the database failed after some runs were stored.
        """
        runs |= {each.id: None for each in chosen}
        new = [(each.id, found) for each in chosen if (found := self._run_of(jury, each)) is not None]
        accepted = self._submissions.submit_batch([each for _, each in new]) if new else ()
        for (id, _), one in zip(new, accepted, strict=True):
            runs[id] = one.status.id if isinstance(one, AcceptedSubmission) else None
        if failed := next((one for one in accepted if isinstance(one, StoreFailed)), None):
            raise StoreUnavailable(str(failed))

    def submissions(self, event: StoredEvent, rejudging_id: str) -> list[RejudgedSubmission]:
        """The submissions of the rejudging, oldest first."""
        with within_time_budget(self._seconds):
            runs = self._stores.rejudgings.runs(rejudging_id)
            found = self._stores.results.judged(event.id, set(runs))
        statuses = self._runs_by_id([run for run in runs.values() if run is not None])
        return [RejudgedSubmission(each, statuses.get(runs[each.id] or "")) for each in found]

    def _runs_by_id(self, runs: Sequence[str]) -> dict[str, Status]:
        """The statuses of runs. They are read in parts, so that this process can answer other requests in
        between."""
        found: dict[str, Status] = {}
        for start in range(0, len(runs), _AT_ONCE):
            with within_time_budget(self._seconds):
                found |= self._stores.submissions.statuses(runs[start : start + _AT_ONCE])
            time.sleep(0)
        return found

    def moves(self, event: StoredEvent, found: Iterable[RejudgedSubmission]) -> list[Move]:
        """The rows of the jury's standings that would be different, in their new order."""
        board, results = self._scoreboards.board(event), self._stores.results
        scores = self._scoreboards.max_scores(board.setup)
        changes = results.changes_since(event.id, 0, scores)
        tries = changes.tries if changes else ()
        changed = {each.submission.id: each.after for each in found if each.changes and each.after}
        after = [_as_rejudged(each, changed, scores) for each in tries]
        before = {row.member.id: row for row in standings_of(board.setup, tries).rows()}
        rows = standings_of(board.setup, after).rows()
        return [Move(before[row.member.id], row) for row in rows if row != before[row.member.id]]

    def apply(self, event: StoredEvent, rejudging: Rejudging) -> int:
        """Record the results of the runs. Returns how many submissions changed. Raises ``Conflict``.

        Only one request at a time may do this. The rejudging counts as applied when all results are recorded.
        After an interruption the next call records the rest.
        """
        if not all(each.is_done for each in self.submissions(event, rejudging.id)):
            raise Conflict("not all runs of this rejudging have ended: wait for them, or cancel it")
        request, store = new_id(), self._stores.rejudgings
        if not store.claim(rejudging.id, request):
            raise self._refusal(event, rejudging)
        try:
            changed = self._apply_claimed(event, rejudging.id, request)
            is_finished = store.finish(rejudging.id, request)
        except StoreUnavailable:
            with suppress(StoreUnavailable), within_time_budget(self._seconds):
                store.give_back(rejudging.id, request)
            raise
        if not is_finished:
            raise self._refusal(event, rejudging)
        return changed

    def _apply_claimed(self, event: StoredEvent, rejudging_id: str, request: str) -> int:
        """Record the results that are not recorded yet, while this request holds the claim."""
        changed, renewed = 0, time.monotonic()
        for each in self.submissions(event, rejudging_id):
            if not each.changes:
                continue
            with within_time_budget(self._seconds):
                if time.monotonic() - renewed > _RENEW_SECONDS:
                    renewed = time.monotonic()
                    if not self._stores.rejudgings.renew(rejudging_id, request):
                        raise Conflict(_BEGUN)
                changed += self._record(each)
        return changed

    def _refusal(self, event: StoredEvent, rejudging: Rejudging) -> Conflict:
        """The reason why a rejudging can be neither applied nor cancelled now."""
        now = self._stores.rejudgings.get(event.id, rejudging.id)
        return Conflict(_BEGUN if now is not None and now.state is RejudgingState.PREVIEW else _ENDED)

    def cancel(self, event: StoredEvent, rejudging: Rejudging) -> None:
        """End a rejudging without changing results. Its runs are cancelled too. Raises ``Conflict``.

        After an interruption the next call cancels the rest.
        """
        found = self.submissions(event, rejudging.id)
        left = [each.run for each in found if each.run is not None and not each.is_done]
        goes_on = rejudging.state is RejudgingState.CANCELLED and bool(left)
        if not goes_on and not self._stores.rejudgings.cancel(rejudging.id):
            raise self._refusal(event, rejudging)
        self._cancel_runs(left)

    def _cancel_runs(self, runs: Iterable[Status]) -> None:
        for run in runs:
            with within_time_budget(self._seconds):
                self._submissions.cancel(run, by="the jury")

    def _run_of(self, jury: Account, each: EventSubmission) -> NewSubmission | None:
        """A run of the same program. ``None`` if its source was deleted or its problem no longer exists."""
        stored, row = self._stores.submissions.submission(each.id), self._stores.problems.get(each.problem)
        if stored is None or row is None or not stored.source:
            return None
        return NewSubmission(
            account_id=jury.id,
            tier=jury.tier,
            language=each.language,
            source=stored.source,
            files=stored.files,
            kind=Kind.RUN,
            package=PackageRef(row.slug, row.version),
            priority=REJUDGE_PRIORITY,
        )

    def _record(self, each: RejudgedSubmission) -> bool:
        """Record the outcome of a run as the next attempt of its submission. No worker gets this attempt."""
        row = self._stores.problems.get(each.submission.problem)
        status = self._stores.attempts.rejudge(each.submission.id, row.version if row else None)
        if status is None or each.after is None:  # The submission is judged again, or was deleted.
            return False
        now = rfc3339(utc_now())
        report = Report(
            kind=ReportKind.FINISHED,
            submission=status.id,
            attempt=status.attempt,
            worker=_WORKER,
            at=now or "",
            started_at=now,
            outcome=each.after,
        )
        recorded = self._stores.verdicts.record(report) is not None
        self._statuses.publish_change(status.id)
        return recorded


def _as_rejudged(
    each: EventTry, changed: Mapping[str, Outcome], max_scores: Mapping[str, float | None]
) -> EventTry:
    after = changed.get(each.submission)
    if after is None:
        return each
    most = max_scores.get(each.problem)
    share, groups = share_of(after.verdict, after.score, most), parts_of(after.groups, most)
    return replace(each, verdict=Verdict(after.verdict), share=share, groups=groups)
