"""Sends grades to learning platforms (Assignment and Grade Services 2.0).

A changed grade is first stored as pending. It is sent, with growing pauses, until the platform takes it. A
newer grade of the same person replaces it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from judge_api.events.rules import Feedback, Scoring
from judge_api.events.scoring import Cell
from judge_api.events.standings import EventProblem, Row
from judge_api.events.windows import closes_at
from judge_api.lti.courses import SCORE_SCOPE
from judge_api.lti.platform_client import PlatformClient, PlatformFault, ServiceCall
from judge_api.services.scoreboards import Board, Scoreboards
from judge_api.store.events import EventStore, StoredEvent
from judge_api.store.lti import Grade, LtiStore, Placement
from judge_api.store.webhook_deliveries import PAUSES
from judge_core.clock import SYSTEM_CLOCK, Clock
from judge_core.logging import get_logger
from judge_core.model.errors import NotFound, UnreadableRecord

logger = get_logger(__name__)
KIND = "application/vnd.ims.lis.v1.score+json"
MAXIMUM = 100
_AT_ONCE = 20
_LEASE = timedelta(minutes=5)
"""How long a claim lasts."""
_MOST_ROUND_SECONDS = 240.0
"""The time of a round. It is shorter than a claim, because another process may send the same grades once the
claim has ended. Grades that are left are sent then."""
_SAME = 1e-9


class LtiGrades:
    """Collects and sends grades. Any number may run at once, since each grade is claimed by one process.
    Every method may raise ``StoreUnavailable``."""

    def __init__(
        self,
        store: LtiStore,
        events: EventStore,
        scoreboards: Scoreboards,
        client: PlatformClient,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._store = store
        self._events = events
        self._scoreboards = scoreboards
        self._client = client
        self._clock = clock
        self._seen: dict[str, tuple[str, int]] = {}

    def collect_once(self) -> int:
        """Store the grades that have changed. Returns how many."""
        found = self._store.placements()
        self._seen = {id: seen for id, seen in self._seen.items() if id in {each.id for each in found}}
        return sum(self._collect_known(each) for each in found if each.lineitem_url is not None)

    def send_once(self) -> int:
        """Send the grades that are due. Returns how many were tried."""
        claimed = self._store.claim(_AT_ONCE, _LEASE)
        silent: dict[str, PlatformFault] = {}
        ends = self._clock.monotonic() + _MOST_ROUND_SECONDS
        for tried, grade in enumerate(claimed):
            if self._clock.monotonic() > ends:
                return tried
            try:
                self._send(grade, silent)
            except PlatformFault as fault:
                pause = PAUSES[min(grade.tries, len(PAUSES) - 1)]
                self._store.record_failed(grade, str(fault), pause)
                logger.warning(
                    "A learning platform did not accept a grade", account=grade.account, reason=str(fault)
                )
            else:
                self._store.record_sent(grade)
        return len(claimed)

    def _collect_known(self, placement: Placement) -> int:
        """Collect as :meth:`_collect` does. A record that cannot be read is logged, and stops only the grades
        of its event."""
        try:
            return self._collect(placement)
        except UnreadableRecord:
            return 0

    def _collect(self, placement: Placement) -> int:
        event = self._events.get(placement.link.event)
        if event is None or self._holds_back(event):
            return 0
        try:
            board = self._scoreboards.board(event)
        except NotFound:
            return 0
        grades = self._store.grades(placement.id)
        state = (board.version, len(grades))
        if self._seen.get(placement.id) == state:
            return 0
        rows = {row.member.id: row for row in board.jury.rows()}
        changed = sum(self._want(event, board, placement, grade, rows) for grade in grades)
        self._seen[placement.id] = state
        return changed

    def _want(
        self, event: StoredEvent, board: Board, placement: Placement, grade: Grade, rows: dict[str, Row]
    ) -> int:
        member = self._events.member_of(event.id, grade.account_id)
        row = rows.get(member.id) if member else None
        score = score_of(board, row, placement.link.problem, grade.score is not None) if row else None
        if score is None or (grade.score is not None and abs(score - grade.score) < _SAME):
            return 0
        self._store.want(grade, score)
        return 1

    def _holds_back(self, event: StoredEvent) -> bool:
        """Whether members must not see their results yet. A grade would reveal them."""
        if event.rules.feedback is not Feedback.AFTER_END:
            return False
        members = self._events.members(event.id)
        longest = max((row.member.times.extension for row in members), default=timedelta(0))
        return event.times.clock(self._clock.now()) < closes_at(event.rules, event.times, longest)

    def _send(self, grade: Grade, silent: dict[str, PlatformFault]) -> None:
        """Send a grade. ``silent`` has the platforms that did not answer in this round. They are not called
        again in this round, so each delays the grades of other platforms only once."""
        placement = self._store.placement(grade.placement_id)
        platform = self._store.platform(placement.link.platform_id) if placement else None
        if placement is None or platform is None or placement.lineitem_url is None:
            raise PlatformFault("it has offered no place for grades")
        if platform.id in silent:
            raise silent[platform.id]
        body = {
            "userId": grade.subject,
            "scoreGiven": round((grade.score or 0.0) * MAXIMUM, 4),
            "scoreMaximum": MAXIMUM,
            "activityProgress": "Submitted",
            "gradingProgress": "FullyGraded",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        url = scores_url(placement.lineitem_url)
        try:
            self._client.call(platform, ServiceCall("POST", url, SCORE_SCOPE, KIND, body))
        except PlatformFault as fault:
            if fault.status is None:
                silent[platform.id] = fault
            raise


def scores_url(lineitem: str) -> str:
    """The address of a line item's scores. The query of the line item's address stays at the end (AGS 2.0,
    3.4)."""
    parts = urlsplit(lineitem)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/scores"))


def score_of(board: Board, row: Row, label: str | None, is_graded: bool = False) -> float | None:
    """The share of the points that a member has, from 0 to 1; ``None`` before its first judged try.

    ``is_graded`` says that the platform has a grade already. If all tries were disqualified since, the grade
    becomes 0.
    """
    problems = board.jury.problems
    counted = [
        (problem, cell)
        for problem, cell in zip(problems, row.cells, strict=True)
        if label in (None, problem.label)
    ]
    has_tries = is_graded or any(cell.tries > 0 for _, cell in counted)
    if not counted or not has_tries:
        return None
    is_ioi = board.setup.rules.scoring is Scoring.IOI
    total = sum(_worth(problem, is_ioi) for problem, _ in counted)
    points = sum(_points(cell, is_ioi) for _, cell in counted)
    return min(1.0, max(0.0, points / total)) if total > 0 else None


def _worth(problem: EventProblem, is_ioi: bool) -> float:
    return problem.weight if is_ioi else 1.0


def _points(cell: Cell, is_ioi: bool) -> float:
    return float(cell.points) if is_ioi else float(cell.solved)
