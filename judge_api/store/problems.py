"""Published problems and all their versions. The packages themselves lie in the package store."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.problem_members import is_member, set_owner
from judge_api.store.records import ProblemRow
from judge_api.store.tables import problem_versions, problems
from judge_api.store.unreadable_rows import CONTENT_ERRORS, find_unreadable
from judge_core.logging import ThrottledWarning, get_logger
from judge_core.model.account import Account
from judge_core.model.errors import Conflict, Forbidden
from judge_core.packages import StoredPackage

_SPEC_TYPES = {"type": list, "samples": list, "statements": list, "limits": dict, "slug": str}
_unreadable = ThrottledWarning(get_logger(__name__), "Rows of problems cannot be read, they are left out")


def problem_row(stored: StoredPackage, added_by: str | None) -> ProblemRow:
    """The row of a stored package."""
    spec = stored.spec
    return ProblemRow(
        slug=stored.slug,
        version=stored.hash,
        title=spec.name,
        format="icpc",
        # Unset fields are left out: an earlier release may not know them, and a missing field means None.
        spec={name: value for name, value in spec.to_json().items() if value is not None},
        added_at=datetime.now(UTC),
        author=", ".join(spec.authors) or None,
        statement=spec.statements[0].html if spec.statements else None,
        added_by=added_by,
    )


class ProblemStore:
    """Stores problems. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, problem: ProblemRow, editor: Account | None = None) -> bool:
        """Publish this version of the problem; False when it was published already.

        The editor owns a new problem. Raises ``Forbidden`` if the editor may not change the one that exists.
        Without an editor nothing is checked, and a new problem has no owner.
        """
        try:
            with write_transaction(self._engine) as connection:
                query = select(problems.c.version).where(problems.c.slug == problem.slug).with_for_update()
                version = connection.execute(query).scalar_one_or_none()
                if version is None:
                    _add(connection, problem, editor)
                else:
                    _replace(connection, problem, editor)
                _add_version(connection, problem)
        except IntegrityError as error:
            raise Conflict(f"another request added {problem.slug!r} at this moment: send it again") from error
        return version != problem.version

    def known_time_limit(self, version: str) -> float | None:
        """The time limit that the first worker calibrated for a version."""
        with read_connection(self._engine) as connection:
            return _time_limit(connection, version)

    def record_time_limit(self, version: str, seconds: float) -> float:
        """Store a calibrated limit unless the version has one. Returns the valid limit, which the problem
        shows."""
        of_version = problem_versions.c.hash == version
        with write_transaction(self._engine) as connection:
            without_limit = of_version & problem_versions.c.time_limit.is_(None)
            connection.execute(update(problem_versions).where(without_limit).values(time_limit=seconds))
            limit = _time_limit(connection, version)
            if limit is not None:
                _publish_limit(connection, version, limit)
        return seconds if limit is None else limit

    def suspend(self, slug: str, reason: str | None) -> bool:
        """Refuse submissions for a reason, or take them again (``None``). False for an unknown slug."""
        with write_transaction(self._engine) as connection:
            return _change_suspension(connection, problems.c.slug == slug, reason)

    def get(self, slug: str) -> ProblemRow | None:
        """The problem as published now."""
        with read_connection(self._engine) as connection:
            row = connection.execute(select(problems).where(problems.c.slug == slug)).mappings().one_or_none()
        return _problem_from(row) if row else None

    def list(self) -> list[ProblemRow]:
        """All of them, by slug, without those whose row cannot be read: these are logged."""
        query = select(problems).order_by(problems.c.slug)
        with read_connection(self._engine) as connection:
            try:
                return [_readable(row) for row in connection.execute(query).mappings()]
            except CONTENT_ERRORS:
                slugs = connection.execute(query.with_only_columns(problems.c.slug)).scalars().all()
                unreadable = find_unreadable(slugs, lambda slug: _read_alone(connection, slug))
                for slug, error in unreadable.items():
                    _unreadable.log(f"{slug}: {error}")
                return [_read_alone(connection, slug) for slug in slugs if slug not in unreadable]


def _add(connection: Connection, problem: ProblemRow, editor: Account | None) -> None:
    connection.execute(insert(problems).values(asdict(problem)))
    if editor is not None:
        set_owner(connection, problem.slug, editor.id, editor.id, problem.added_at)


def _replace(connection: Connection, problem: ProblemRow, editor: Account | None) -> None:
    may_edit = editor is None or editor.is_admin or is_member(connection, problem.slug, editor.id)
    if not may_edit:
        raise Forbidden(
            f"the problem {problem.slug!r} is another author's: choose another slug, or ask an administrator"
        )
    connection.execute(update(problems).where(problems.c.slug == problem.slug).values(asdict(problem)))


def _add_version(connection: Connection, problem: ProblemRow) -> None:
    """Add a version; one that is added again keeps its calibrated limit."""
    key = {"slug": problem.slug, "hash": problem.version}
    limit = _time_limit(connection, problem.version)
    connection.execute(delete(problem_versions).filter_by(**key))
    values = {**key, "added_at": problem.added_at, "time_limit": limit}
    connection.execute(insert(problem_versions).values(values))
    if limit is not None:
        _publish_limit(connection, problem.version, limit)


def suspend_version(connection: Connection, slug: str, version: str, reason: str) -> None:
    """Suspend a problem in the caller's transaction if this version is the published one."""
    _change_suspension(connection, (problems.c.slug == slug) & (problems.c.version == version), reason)


def _change_suspension(connection: Connection, which: ColumnElement[bool], reason: str | None) -> bool:
    spec = connection.execute(select(problems.c.spec).where(which).with_for_update()).scalar_one_or_none()
    if spec is None:
        return False
    changed = {name: value for name, value in spec.items() if name != "suspended"}
    changed |= {"suspended": reason} if reason is not None else {}
    connection.execute(update(problems).where(which).values(spec=changed))
    return True


def _time_limit(connection: Connection, version: str) -> float | None:
    query = select(problem_versions.c.time_limit).where(problem_versions.c.hash == version)
    return connection.execute(query.where(problem_versions.c.time_limit.is_not(None)).limit(1)).scalar()


def _publish_limit(connection: Connection, version: str, seconds: float) -> None:
    """Write the limit into the problem that clients see, if this version is the published one."""
    query = select(problems.c.slug, problems.c.spec).where(problems.c.version == version)
    for slug, spec in connection.execute(query).all():
        if spec["limits"]["time"] is None:
            shown = {**spec, "limits": {**spec["limits"], "time": seconds}}
            connection.execute(update(problems).where(problems.c.slug == slug).values(spec=shown))


def _read_alone(connection: Connection, slug: str) -> ProblemRow:
    return _readable(connection.execute(select(problems).where(problems.c.slug == slug)).mappings().one())


def _readable(row: RowMapping) -> ProblemRow:
    """The problem; raises ``ValueError`` if its spec is none. To parse it would double the cost of a list."""
    spec = row["spec"]
    if not isinstance(spec, dict):
        raise ValueError("its spec is no object")
    odd = [name for name, kind in _SPEC_TYPES.items() if not isinstance(spec.get(name), kind)]
    if odd:
        raise ValueError(f"odd in its spec: {', '.join(odd)}")
    return _problem_from(row)


def _problem_from(row: RowMapping) -> ProblemRow:
    return ProblemRow(
        slug=row["slug"],
        version=row["version"],
        title=row["title"],
        format=row["format"],
        spec=row["spec"],
        added_at=row["added_at"],
        author=row["author"],
        statement=row["statement"],
        added_by=row["added_by"],
    )
