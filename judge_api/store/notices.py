"""Notices inform an account of changes that others made to its submissions and events.

A rejudging writes its notice when it begins, with the earlier result. When it has ended, the dispatcher
publishes the notice if the result has changed, and deletes it otherwise.

A notice gets a new id when it is published, and when a comment is added to it. So ids follow the order in
which people can see the notices. If a person has read a notice, all notices with lower ids count as read too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, RowMapping, delete, func, insert, or_, select, update

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import CONTENT_ERRORS, read_each
from judge_api.store.tables import accounts, notices, submissions
from judge_api.store.unreadable_rows import find_unreadable_among
from judge_core.clock import utc_now
from judge_core.logging import get_logger
from judge_core.model.submission import Kind

_logger = get_logger(__name__)
T = TypeVar("T")
KEPT = timedelta(days=90)
_SETTLED_AT_ONCE = 500
_MAILED_WITHIN = timedelta(hours=1)


class NoticeKind(StrEnum):
    """The kinds of change that a notice reports."""

    REJUDGE = "rejudge"
    COMMENT = "comment"
    EXTENSION = "extension"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. ``detail`` has the earlier result, the number of comments, or the minutes and the event's
    title, by the kind of the notice."""

    id: int
    kind: NoticeKind
    submission_id: str | None
    problem: str | None
    event: str | None
    detail: Mapping[str, Any]
    at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True)
class NoticesToMail:
    """The notices of one account that go into one e-mail."""

    name: str
    address: str
    notices: tuple[Notice, ...]


class NoticeStore:
    """Stores notices. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def of(self, account_id: str, limit: int = 50) -> Sequence[Notice]:
        """The published notices of an account, newest first."""
        query = (
            _SELECTED.where(notices.c.account_id == account_id, notices.c.published_at.is_not(None))
            .order_by(notices.c.published_at.desc(), notices.c.id.desc())
            .limit(limit)
        )
        with read_connection(self._engine) as connection:
            return read_each(connection, query, _notice)

    def count_unread(self, account_id: str) -> int:
        query = select(func.count()).where(
            notices.c.account_id == account_id,
            notices.c.published_at.is_not(None),
            notices.c.read_at.is_(None),
        )
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def mark_read(self, account_id: str, up_to: int) -> int:
        """Mark the published notices with an id of at most ``up_to``. Returns how many were unread."""
        change = (
            update(notices)
            .where(notices.c.account_id == account_id, notices.c.id <= up_to)
            .where(notices.c.published_at.is_not(None), notices.c.read_at.is_(None))
            .values(read_at=self._clock())
        )
        with write_transaction(self._engine) as connection:
            return connection.execute(change).rowcount

    def add_comment(self, account_id: str, submission: str) -> None:
        """Add a comment to the account's notices. The unread comments on one submission share a notice."""
        self._without_unreadable(lambda: self._add_comment(account_id, submission))

    def _add_comment(self, account_id: str, submission: str) -> None:
        now = self._clock()
        unread = (
            delete(notices)
            .where(notices.c.account_id == account_id, notices.c.submission_id == submission)
            .where(notices.c.kind == NoticeKind.COMMENT.value, notices.c.read_at.is_(None))
            .returning(notices.c.detail, notices.c.mailed_at)
        )
        with write_transaction(self._engine) as connection:
            known = connection.execute(unread).all()
            count = 1 + sum(each.detail.get("count", 1) for each in known)
            mailed = next((each.mailed_at for each in known if each.mailed_at is not None), None)
            row = _row(account_id, NoticeKind.COMMENT, {"count": count}, now)
            row |= {"submission_id": submission, "published_at": now, "mailed_at": mailed}
            connection.execute(insert(notices).values(row))

    def add_extension(self, account_ids: Iterable[str], event: str, title: str, minutes: int) -> None:
        """Notify these accounts that an event gives them more time: ``minutes`` in all."""
        now = self._clock()
        rows = [
            {
                **_row(id, NoticeKind.EXTENSION, {"minutes": minutes, "title": title}, now),
                "event": event,
                "published_at": now,
            }
            for id in account_ids
        ]
        if rows:
            with write_transaction(self._engine) as connection:
                connection.execute(insert(notices), rows)

    def settle(self) -> int:
        """Publish or delete the notices of rejudgings that have ended, at most ``_SETTLED_AT_ONCE``. Returns
        how many there were."""
        return self._without_unreadable(self._settle)

    def _settle(self) -> int:
        query = (
            select(notices, submissions.c.verdict, submissions.c.score)
            .join(submissions, submissions.c.id == notices.c.submission_id)
            .where(notices.c.published_at.is_(None), submissions.c.open.is_(False))
            .order_by(notices.c.id)
            .limit(_SETTLED_AT_ONCE)
            # The rows are locked, because a rejudging that begins now must not rely on a notice that is being
            # deleted. Rows that another transaction has locked are published or deleted next time.
            .with_for_update(skip_locked=True)
        )
        with write_transaction(self._engine) as connection:
            found = connection.execute(query).mappings().all()
            changed = [row for row in found if _result(row["detail"]) != (row["verdict"], row["score"])]
            ids = [row["id"] for row in found]
            connection.execute(delete(notices).where(notices.c.id.in_(ids)))
            kept = [column.name for column in notices.columns if column is not notices.c.id]
            now = self._clock()
            rows = [{**{name: row[name] for name in kept}, "published_at": now} for row in changed]
            if rows:
                connection.execute(insert(notices), rows)
        return len(found)

    def take_to_mail(self, settled_for: timedelta) -> list[NoticesToMail]:
        """Take the unread notices of the last hour that were not sent by e-mail yet, of accounts that want
        e-mails and have a verified address.

        They are marked as sent, so that two dispatchers never send the same notice. A notice waits for
        ``settled_for`` after it is published, so that later notices can go into the same e-mail.
        """
        return self._without_unreadable(lambda: self._take_to_mail(settled_for))

    def _take_to_mail(self, settled_for: timedelta) -> list[NoticesToMail]:
        now = self._clock()
        query = (
            _SELECTED.add_columns(notices.c.account_id, accounts.c.name, accounts.c.email)
            .join(accounts, accounts.c.id == notices.c.account_id)
            .where(notices.c.mailed_at.is_(None), notices.c.read_at.is_(None))
            .where(notices.c.published_at > now - _MAILED_WITHIN, notices.c.published_at <= now - settled_for)
            .where(accounts.c.email_verified_at.is_not(None), accounts.c.disabled.is_(False))
            .where(accounts.c.notice_mails.is_not(False))
            .order_by(notices.c.account_id, notices.c.id)
            .limit(_SETTLED_AT_ONCE)
        )
        with write_transaction(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
            ids = [row["id"] for row in rows]
            claim = update(notices).where(notices.c.id.in_(ids), notices.c.mailed_at.is_(None))
            taken = set(
                connection.execute(claim.values(mailed_at=now).returning(notices.c.id)).scalars()
                if ids
                else ()
            )
        return _by_account([row for row in rows if row["id"] in taken])

    def _without_unreadable(self, act: Callable[[], T]) -> T:
        """Call ``act``. If a notice cannot be read, delete it and call ``act`` again. The notice would block
        all other notices for ever, and only the notice is lost."""
        try:
            return act()
        except CONTENT_ERRORS:
            if not self._delete_unreadable():
                raise
            return act()

    def _delete_unreadable(self) -> int:
        waiting = or_(notices.c.published_at.is_(None), notices.c.mailed_at.is_(None))
        query = select(notices.c.id).where(waiting).order_by(notices.c.id)
        with read_connection(self._engine) as connection:
            ids = connection.execute(query).scalars().all()
            errors = find_unreadable_among(ids, lambda part: _read_all(connection, part))
        for id, error in errors.items():
            _logger.error("A notice that cannot be read was deleted", notice=id, reason=error)
        with write_transaction(self._engine) as connection:
            connection.execute(delete(notices).where(notices.c.id.in_(list(errors))))
        return len(errors)

    def delete_old(self) -> int:
        """Delete the notices that are older than ``KEPT``."""
        old = delete(notices).where(notices.c.created_at < self._clock() - KEPT)
        with write_transaction(self._engine) as connection:
            return connection.execute(old).rowcount


def expect_rejudge_notice(connection: Connection, row: RowMapping, now: datetime) -> None:
    """Write the notice of a submission that is to be judged again, in the transaction of the rejudging. A run
    has no notice.

    If an earlier rejudging has not ended, its notice stays, because it has the result that the owner knows.
    """
    if row["kind"] != Kind.SUBMISSION.value:
        return
    known = select(notices.c.id).where(notices.c.submission_id == row["id"], notices.c.published_at.is_(None))
    if connection.execute(known.limit(1)).first() is None:
        detail = {"verdict": row["verdict"], "score": row["score"]}
        values = {**_row(row["account_id"], NoticeKind.REJUDGE, detail, now), "submission_id": row["id"]}
        connection.execute(insert(notices).values(values))


def _row(account_id: str, kind: NoticeKind, detail: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {"account_id": account_id, "kind": kind.value, "detail": dict(detail), "created_at": now}


def _result(detail: Mapping[str, Any]) -> tuple[str | None, float | None]:
    return detail.get("verdict"), detail.get("score")


_SELECTED = (
    select(
        notices.c.id,
        notices.c.kind,
        notices.c.submission_id,
        submissions.c.problem,
        notices.c.event,
        notices.c.detail,
        notices.c.published_at,
        notices.c.read_at,
    )
    .select_from(notices)
    .outerjoin(submissions, submissions.c.id == notices.c.submission_id)
)


def _notice(row: RowMapping) -> Notice:
    return Notice(
        id=row["id"],
        kind=NoticeKind(row["kind"]),
        submission_id=row["submission_id"],
        problem=row["problem"],
        event=row["event"],
        detail=row["detail"],
        at=row["published_at"],
        is_read=row["read_at"] is not None,
    )


def _read_all(connection: Connection, ids: Sequence[int]) -> None:
    """Read these notices. Raises the error of the first one that cannot be read."""
    for row in connection.execute(select(notices).where(notices.c.id.in_(ids))).mappings():
        NoticeKind(row["kind"])
        _result(row["detail"])


def _by_account(rows: Sequence[RowMapping]) -> list[NoticesToMail]:
    ids = dict.fromkeys(row["account_id"] for row in rows)
    found = []
    for id in ids:
        mine = [row for row in rows if row["account_id"] == id]
        found.append(NoticesToMail(mine[0]["name"], mine[0]["email"], tuple(map(_notice, mine))))
    return found
