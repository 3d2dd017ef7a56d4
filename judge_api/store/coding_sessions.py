"""LeetCode's coding sessions: parts of an account's submissions, each with its own progress.

A submission belongs to the session that was active when the submission came. Spans of serial numbers say
which submissions a session has, so accepting a submission writes nothing here. An account without rows has
one session, with all its submissions.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Engine, delete, exists, func, insert, or_, select, update

from judge_api.store.account_locks import lock_account
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.records import EVERY_SUBMISSION, CodingSession
from judge_api.store.tables import coding_session_spans, coding_sessions, submissions
from judge_core.model.errors import Conflict, NotFound

MOST_CODING_SESSIONS = 10


class CodingSessionStore:
    """Stores coding sessions. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, account_id: str) -> Sequence[CodingSession]:
        """An account's sessions in the order in which they were made; at least one."""
        with read_connection(self._engine) as connection:
            return _sessions(connection, account_id) or [EVERY_SUBMISSION]

    def active(self, account_id: str) -> CodingSession:
        """The session that new submissions belong to."""
        return next(each for each in self.of(account_id) if each.is_active)

    def create(self, account_id: str, name: str) -> None:
        """Add a session, which is not active. Raises ``Conflict`` if the name is taken, or the account has
        ``MOST_CODING_SESSIONS`` already."""
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            found = _sessions(connection, account_id)
            if not found:
                _store_first(connection, account_id)
                found = [EVERY_SUBMISSION]
            if any(each.name == name for each in found):
                raise Conflict(f"you have a session {name!r} already: choose another name")
            if len(found) >= MOST_CODING_SESSIONS:
                raise Conflict(f"an account has at most {MOST_CODING_SESSIONS} sessions: delete one first")
            number = max(each.number for each in found) + 1
            _insert(connection, account_id, number, name)

    def activate(self, account_id: str, number: int) -> None:
        """Make new submissions belong to this session. Raises ``NotFound``."""
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            if not _find(connection, account_id, number).is_active:
                _begin_span(connection, account_id, number)

    def delete(self, account_id: str, number: int) -> None:
        """Delete a session. Its submissions stay, and then belong to no session. Raises ``NotFound``, and
        ``Conflict`` for the active session."""
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            if _find(connection, account_id, number).is_active:
                raise Conflict("this session is active: activate another one first")
            for table in (coding_session_spans, coding_sessions):
                which = (table.c.account_id == account_id) & (table.c.number == number)
                connection.execute(delete(table).where(which))


def in_coding_session(account_id: str, session: CodingSession) -> list[ColumnElement[bool]]:
    """The conditions for the account's submissions of this session; none if it has all of them."""
    if session.is_whole:
        return []
    spans, serial = coding_session_spans.c, submissions.c.serial
    within = exists().where(
        spans.account_id == account_id,
        spans.number == session.number,
        spans.first_serial <= serial,
        or_(spans.next_serial.is_(None), spans.next_serial > serial),
    )
    return [within]


def _sessions(connection: Connection, account_id: str) -> list[CodingSession]:
    active = select(coding_session_spans.c.number).where(_open_span(account_id)).scalar_subquery()
    query = (
        select(coding_sessions.c.number, coding_sessions.c.name, active.label("active"))
        .where(coding_sessions.c.account_id == account_id)
        .order_by(coding_sessions.c.number)
    )
    rows = connection.execute(query).all()
    return [CodingSession(row.number, row.name, row.number == row.active) for row in rows]


def _find(connection: Connection, account_id: str, number: int) -> CodingSession:
    found = _sessions(connection, account_id) or [EVERY_SUBMISSION]
    session = next((each for each in found if each.number == number), None)
    if session is None:
        raise NotFound(f"you have no session {number}")
    return session


def _store_first(connection: Connection, account_id: str) -> None:
    """Write the session that an account without rows has."""
    _insert(connection, account_id, EVERY_SUBMISSION.number, EVERY_SUBMISSION.name)
    span = {"account_id": account_id, "number": EVERY_SUBMISSION.number, "first_serial": 0}
    connection.execute(insert(coding_session_spans).values(**span))


def _insert(connection: Connection, account_id: str, number: int, name: str) -> None:
    row = {"account_id": account_id, "number": number, "name": name}
    connection.execute(insert(coding_sessions).values(**row))


def _begin_span(connection: Connection, account_id: str, number: int) -> None:
    """End the open span after the account's newest submission, and open one for this session.

    Spans that have ended stay as they are, even if their submissions have been deleted.
    """
    spans = coding_session_spans
    newest = select(func.max(submissions.c.serial)).where(submissions.c.account_id == account_id)
    ended = select(func.max(spans.c.next_serial)).where(spans.c.account_id == account_id)
    start = max(
        (connection.execute(newest).scalar_one() or 0) + 1, connection.execute(ended).scalar_one() or 0
    )
    is_empty = _open_span(account_id) & (spans.c.first_serial >= start)
    connection.execute(delete(spans).where(is_empty))
    connection.execute(update(spans).where(_open_span(account_id)).values(next_serial=start))
    span = {"account_id": account_id, "number": number, "first_serial": start}
    connection.execute(insert(spans).values(**span))


def _open_span(account_id: str) -> ColumnElement[bool]:
    return (coding_session_spans.c.account_id == account_id) & coding_session_spans.c.next_serial.is_(None)
