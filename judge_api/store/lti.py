"""Learning platforms (LTI 1.3): registrations, links to events with their placements, and grades.

The grades of a placement are also an outbox. A grade whose state is ``pending`` is sent until the platform
has taken it. If a process dies, its claims expire.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import read_each, read_one
from judge_api.store.secret_tokens import hash_secret
from judge_api.store.tables import (
    accounts,
    events,
    lti_grades,
    lti_keys,
    lti_links,
    lti_nonces,
    lti_placements,
    lti_platforms,
    new_id,
)
from judge_api.store.webhook_deliveries import LONGEST_PAUSE
from judge_core.clock import utc_now
from judge_core.model.errors import Conflict, NotFound

_THE_KEY = 1


class GradeState(StrEnum):
    """NONE before the first submission; PENDING until the platform has taken the grade; then SENT."""

    NONE = "none"
    PENDING = "pending"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class LtiPlatform:
    """A learning platform with the data of its registration. ``deployments`` are the deployment ids with
    which it may launch."""

    id: str
    title: str
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    deployments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LtiLink:
    """An event, or one of its problems, to which a platform may link. ``problem`` is the problem's label."""

    id: str
    platform_id: str
    event_id: str
    event: str
    problem: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewPlacement:
    """A place on a platform from which a link was launched, with its services."""

    deployment: str
    resource_link: str
    title: str | None
    lineitem_url: str | None
    memberships_url: str | None


@dataclass(frozen=True, slots=True)
class Placement:
    """A stored placement with its link."""

    id: str
    link: LtiLink
    title: str | None
    lineitem_url: str | None
    memberships_url: str | None


@dataclass(frozen=True, slots=True)
class Grade:
    """A learner's grade at a placement, from 0 to 1; ``None`` before the first submission."""

    placement_id: str
    account_id: str
    account: str
    subject: str
    score: float | None
    state: GradeState
    tries: int
    reason: str | None
    sent_at: datetime | None


class LtiStore:
    """Stores platforms, links, placements and grades. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def add_platform(self, platform: LtiPlatform) -> None:
        """Store a platform. Raises ``Conflict`` if the issuer is registered with this client id, or with
        other keys."""
        values = {name: getattr(platform, name) for name in LtiPlatform.__slots__}
        row = {**values, "deployments": list(platform.deployments), "created_at": self._clock()}
        try:
            with write_transaction(self._engine) as connection:
                _require_same_keys(connection, platform)
                connection.execute(insert(lti_platforms).values(row))
        except IntegrityError as error:
            raise Conflict(
                "this issuer is registered with this client_id already: delete that platform first"
            ) from error

    def platforms(self) -> Sequence[LtiPlatform]:
        with read_connection(self._engine) as connection:
            return read_each(connection, select(lti_platforms).order_by(lti_platforms.c.id), _platform)

    def platform(self, id: str) -> LtiPlatform | None:
        with read_connection(self._engine) as connection:
            return read_one(connection, select(lti_platforms).where(lti_platforms.c.id == id), _platform)

    def delete_platform(self, id: str) -> bool:
        """Delete a platform with its links and grades."""
        with write_transaction(self._engine) as connection:
            return connection.execute(delete(lti_platforms).where(lti_platforms.c.id == id)).rowcount == 1

    def key(self, make: Callable[[], dict[str, Any]]) -> Mapping[str, Any]:
        """This installation's private key, as a JWK. ``make`` is called if no key is stored yet."""
        query = select(lti_keys.c.jwk).where(lti_keys.c.id == _THE_KEY)
        with read_connection(self._engine) as connection:
            found = connection.execute(query).scalar_one_or_none()
        if found is None:
            try:
                with write_transaction(self._engine) as connection:
                    row = {"id": _THE_KEY, "jwk": make(), "created_at": self._clock()}
                    connection.execute(insert(lti_keys).values(row))
            except IntegrityError:
                pass  # Another process has made the key.
            with read_connection(self._engine) as connection:
                found = connection.execute(query).scalar_one()
        key: Mapping[str, Any] = found
        return key

    def use_nonce(self, nonce: str, keep: timedelta) -> bool:
        """Use up a nonce, and remember it for the time ``keep``. False if it was used in that time."""
        now = self._clock()
        try:
            with write_transaction(self._engine) as connection:
                connection.execute(delete(lti_nonces).where(lti_nonces.c.expires_at < now))
                row = {"hash": hash_secret(nonce), "expires_at": now + keep}
                connection.execute(insert(lti_nonces).values(row))
        except IntegrityError:
            return False
        return True

    def add_link(self, platform_id: str, event_id: str, problem: str | None, by: str) -> str:
        """Let a platform link to an event, or to its problem with the label ``problem``. Returns the link's
        id. Raises ``NotFound`` if another request has deleted the platform or the event."""
        row = {"platform_id": platform_id, "event_id": event_id, "problem": problem, "created_by": by}
        id = new_id()
        try:
            with write_transaction(self._engine) as connection:
                connection.execute(insert(lti_links).values(id=id, created_at=self._clock(), **row))
        except IntegrityError as error:
            raise NotFound("the platform or the event was deleted at this moment") from error
        return id

    def link(self, id: str) -> LtiLink | None:
        with read_connection(self._engine) as connection:
            return read_one(connection, _LINKS.where(lti_links.c.id == id), _link)

    def links_of(self, event_id: str) -> Sequence[LtiLink]:
        """The links to an event, oldest first."""
        query = _LINKS.where(lti_links.c.event_id == event_id).order_by(lti_links.c.id)
        with read_connection(self._engine) as connection:
            return read_each(connection, query, _link)

    def delete_link(self, event_id: str, id: str) -> bool:
        """Delete a link with its placements and grades. Launches by this link are refused from now on."""
        of_this = (lti_links.c.id == id) & (lti_links.c.event_id == event_id)
        with write_transaction(self._engine) as connection:
            return connection.execute(delete(lti_links).where(of_this)).rowcount == 1

    def place(self, link: LtiLink, new: NewPlacement) -> str:
        """Store the place from which a link was launched, with its title and services. A service that this
        launch does not name keeps its address. Returns the placement's id. Raises ``NotFound`` if another
        request has deleted the link."""
        urls = {"lineitem_url": new.lineitem_url, "memberships_url": new.memberships_url}
        changed = {"title": new.title, **{name: url for name, url in urls.items() if url is not None}}
        same = {"link_id": link.id, "deployment": new.deployment, "resource_link": new.resource_link}
        row = {"id": new_id(), "created_at": self._clock(), **same, **changed}
        # A whole class may launch a new link at the same moment.
        insert_into = sqlite.insert if self._engine.dialect.name == "sqlite" else postgresql.insert
        placing = insert_into(lti_placements).values(row)
        placing = placing.on_conflict_do_update(index_elements=list(same), set_=changed)
        try:
            with write_transaction(self._engine) as connection:
                return str(connection.execute(placing.returning(lti_placements.c.id)).scalar_one())
        except IntegrityError as error:
            raise NotFound("the link was deleted at this moment") from error

    def placements(self, event_id: str | None = None) -> Sequence[Placement]:
        """The placements of an event, or of all events, oldest first."""
        query = _PLACEMENTS.order_by(lti_placements.c.id)
        if event_id is not None:
            query = query.where(lti_links.c.event_id == event_id)
        with read_connection(self._engine) as connection:
            return read_each(connection, query, _placement)

    def placement(self, id: str) -> Placement | None:
        with read_connection(self._engine) as connection:
            return read_one(connection, _PLACEMENTS.where(lti_placements.c.id == id), _placement)

    def add_learner(self, placement_id: str, account_id: str, subject: str) -> None:
        """Let a learner get grades at a placement."""
        row = {"placement_id": placement_id, "account_id": account_id, "subject": subject}
        try:
            with write_transaction(self._engine) as connection:
                connection.execute(insert(lti_grades).values(**row, state=GradeState.NONE.value, tries=0))
        except IntegrityError:
            return  # The account is a learner of this placement already.

    def grades(self, placement_id: str) -> Sequence[Grade]:
        """The learners of a placement with their grades, by name."""
        query = _GRADES.where(lti_grades.c.placement_id == placement_id).order_by(accounts.c.name)
        with read_connection(self._engine) as connection:
            return read_each(connection, query, _grade)

    def want(self, grade: Grade, score: float) -> None:
        """Let this score be sent. It replaces the grade's earlier score."""
        values = {"score": score, "state": GradeState.PENDING.value, "tries": 0, "reason": None}
        with write_transaction(self._engine) as connection:
            change = update(lti_grades).where(*_same(grade))
            connection.execute(change.values(**values, not_before=self._clock(), claimed_until=None))

    def claim(self, limit: int, lease: timedelta) -> list[Grade]:
        """Claim grades that are due to be sent, for the time of ``lease``."""
        now = self._clock()
        # A time that is too far ahead was written before the clock was set back.
        until, not_before = lti_grades.c.claimed_until, lti_grades.c.not_before
        free = or_(until.is_(None), until < now, until > now + lease)
        is_due = or_(not_before <= now, not_before > now + LONGEST_PAUSE)
        due = (lti_grades.c.state == GradeState.PENDING.value, is_due, free)
        claimed = []
        with write_transaction(self._engine) as connection:
            found = read_each(
                connection, _GRADES.where(*due).order_by(lti_grades.c.not_before).limit(limit), _grade
            )
            for grade in found:
                change = update(lti_grades).where(*_same(grade), *due)
                values = {"claimed_until": now + lease, "tries": lti_grades.c.tries + 1}
                if connection.execute(change.values(values)).rowcount == 1:
                    claimed.append(grade)
        return claimed

    def record_sent(self, grade: Grade) -> None:
        """Record that the platform has taken this score. A newer score stays pending."""
        values = {
            "state": GradeState.SENT.value,
            "sent_at": self._clock(),
            "claimed_until": None,
            "reason": None,
        }
        with write_transaction(self._engine) as connection:
            same_score = lti_grades.c.score == grade.score
            connection.execute(update(lti_grades).where(*_same(grade), same_score).values(values))

    def record_failed(self, grade: Grade, reason: str, pause: float) -> None:
        """Record that the platform has not taken this score. It is sent again after ``pause`` seconds."""
        again = self._clock() + timedelta(seconds=pause)
        values = {"not_before": again, "claimed_until": None, "reason": reason[:500]}
        with write_transaction(self._engine) as connection:
            same_score = lti_grades.c.score == grade.score
            connection.execute(update(lti_grades).where(*_same(grade), same_score).values(values))

    def count_pending(self) -> int:
        """How many grades wait to be sent."""
        query = select(func.count()).where(lti_grades.c.state == GradeState.PENDING.value)
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one()


_LINKS = select(lti_links, events.c.slug).join(events, events.c.id == lti_links.c.event_id)
_PLACEMENTS = (
    select(
        lti_placements.c.id.label("placement_id"),
        lti_placements.c.title,
        lti_placements.c.lineitem_url,
        lti_placements.c.memberships_url,
        lti_links,
        events.c.slug,
    )
    .join(lti_links, lti_links.c.id == lti_placements.c.link_id)
    .join(events, events.c.id == lti_links.c.event_id)
)
_GRADES = select(lti_grades, accounts.c.name).join(accounts, accounts.c.id == lti_grades.c.account_id)


def _require_same_keys(connection: Connection, platform: LtiPlatform) -> None:
    """Raise ``Conflict`` if the issuer is registered with other keys.

    Issuer and subject identify a person. So two platforms with one issuer could sign in each other's persons.
    """
    others = (lti_platforms.c.issuer == platform.issuer) & (lti_platforms.c.jwks_url != platform.jwks_url)
    found = connection.execute(select(lti_platforms.c.title).where(others).limit(1)).scalar()
    if found is not None:
        raise Conflict(
            f"jwks_url: the platform {found!r} has this issuer with other keys, so each of the two could "
            "sign in persons of the other. Let this platform use an issuer of its own"
        )


def _same(grade: Grade) -> tuple[Any, Any]:
    return lti_grades.c.placement_id == grade.placement_id, lti_grades.c.account_id == grade.account_id


def _platform(row: RowMapping) -> LtiPlatform:
    values = {name: row[name] for name in LtiPlatform.__slots__}
    return LtiPlatform(**{**values, "deployments": tuple(row["deployments"])})


def _link(row: RowMapping) -> LtiLink:
    return LtiLink(
        row["id"], row["platform_id"], row["event_id"], row["slug"], row["problem"], row["created_at"]
    )


def _placement(row: RowMapping) -> Placement:
    return Placement(
        row["placement_id"], _link(row), row["title"], row["lineitem_url"], row["memberships_url"]
    )


def _grade(row: RowMapping) -> Grade:
    return Grade(
        placement_id=row["placement_id"],
        account_id=row["account_id"],
        account=row["name"],
        subject=row["subject"],
        score=row["score"],
        state=GradeState(row["state"]),
        tries=row["tries"],
        reason=row["reason"],
        sent_at=row["sent_at"],
    )
