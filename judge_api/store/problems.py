"""Problems: the published version of each, or the newest version for its author.

The packages are in the package store.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.problem_members import is_member, set_owner
from judge_api.store.problem_states import stored_spec
from judge_api.store.problem_versions import add_version, calibrated_limit, newest_version
from judge_api.store.reading import read_each, read_one
from judge_api.store.records import ProblemRow
from judge_api.store.tables import problem_versions, problems
from judge_core.model.account import Account
from judge_core.model.errors import Conflict, Forbidden
from judge_core.model.problem import ProblemState
from judge_core.packages import StoredPackage

_SPEC_TYPES = {"type": list, "samples": list, "statements": list, "limits": dict, "slug": str}


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
        judging_hash=stored.judging_hash,
        uuid=stored.uuid[:64] if stored.uuid else None,
    )


class ProblemStore:
    """Stores problems. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(
        self,
        problem: ProblemRow,
        editor: Account | None = None,
        publish: bool = True,
        made_from: str | None = None,
    ) -> bool:
        """Add this version of the problem, and publish it unless it is to be a draft.

        Returns whether something changed: False if it was the published version already, or if it is to be a
        draft and was the newest version already. The editor owns a new problem. ``made_from`` is the version
        that was changed to make this version. Raises ``Forbidden`` if the editor may not change the problem
        that exists, and ``Conflict`` if another request adds the same problem now, or if ``made_from`` is not
        the newest version any more. Without an editor nothing is checked, and a new problem has no owner.
        """
        try:
            with write_transaction(self._engine) as connection:
                if made_from is not None:
                    _require_newest(connection, problem.slug, made_from)
                return _put(connection, problem, editor, publish)
        except IntegrityError as error:
            raise Conflict(
                f"another request added {problem.slug!r} at this moment: send yours again"
            ) from error

    def known_time_limit(self, version: str) -> float | None:
        """The time limit that the first worker calibrated for a version."""
        with read_connection(self._engine) as connection:
            return calibrated_limit(connection, version)

    def record_time_limit(self, version: str, seconds: float) -> float:
        """Store a calibrated limit unless the version has one. Returns the valid limit, which the problem
        shows."""
        of_version = problem_versions.c.hash == version
        with write_transaction(self._engine) as connection:
            without_limit = of_version & problem_versions.c.time_limit.is_(None)
            connection.execute(update(problem_versions).where(without_limit).values(time_limit=seconds))
            limit = calibrated_limit(connection, version)
            if limit is not None:
                publish_limit(connection, version, limit)
        return seconds if limit is None else limit

    def suspend(self, slug: str, reason: str | None) -> bool:
        """Refuse submissions for a reason, or take them again (``None``). False for an unknown slug."""
        with write_transaction(self._engine) as connection:
            return _change_suspension(connection, problems.c.slug == slug, reason)

    def get(self, slug: str) -> ProblemRow | None:
        """The problem: its published version, or the newest version of a draft."""
        with read_connection(self._engine) as connection:
            return read_one(connection, select(problems).where(problems.c.slug == slug), row_from)

    def max_scores(self, slugs: Collection[str]) -> dict[str, float]:
        """The greatest score of each of these problems, if the problem has one."""
        query = select(problems).where(problems.c.slug.in_(slugs)).order_by(problems.c.slug)
        with read_connection(self._engine) as connection:
            rows = read_each(connection, query, row_from)
        found = {row.slug: row.spec.get("max_score") for row in rows}
        return {slug: float(score) for slug, score in found.items() if isinstance(score, int | float)}

    def list(self) -> list[ProblemRow]:
        """All problems, by slug. A problem whose row cannot be read is logged and left out."""
        query = select(problems).order_by(problems.c.slug)
        with read_connection(self._engine) as connection:
            return read_each(connection, query, _readable)


def _require_newest(connection: Connection, slug: str, version: str) -> None:
    """Raise ``Conflict`` if the problem has a newer version. Locks the problem's row, so that no other
    request adds one meanwhile."""
    connection.execute(select(problems.c.slug).where(problems.c.slug == slug).with_for_update())
    newest = newest_version(connection, slug)
    if newest is not None and newest.hash != version:
        raise newer_version_conflict(slug, version)


def newer_version_conflict(slug: str, version: str) -> Conflict:
    """The error for changes of a version that is not the newest one."""
    return Conflict(f"{slug} has a newer version than {version[:12]}: load it, and make the changes again")


def _put(connection: Connection, problem: ProblemRow, editor: Account | None, publish: bool) -> bool:
    query = select(problems.c.version, problems.c.state).where(problems.c.slug == problem.slug)
    known = connection.execute(query.with_for_update()).one_or_none()
    if known is None:
        state = ProblemState.PUBLISHED if publish else ProblemState.DRAFT
        connection.execute(insert(problems).values(_values(problem, state)))
        if editor is not None:
            set_owner(connection, problem.slug, editor.id, editor.id, problem.added_at)
    else:
        _require_editor(connection, problem.slug, editor)
    newest = newest_version(connection, problem.slug)
    limit = add_version(connection, problem)
    on_offer = known.version if known is not None and known.state == ProblemState.PUBLISHED.value else None
    if known is not None and (publish or on_offer is None):
        show_version(connection, problem, ProblemState.PUBLISHED if publish else ProblemState.DRAFT)
    if limit is not None:
        publish_limit(connection, problem.version, limit)
    if on_offer == problem.version:
        return False
    return publish or newest is None or newest.hash != problem.version


def show_version(connection: Connection, problem: ProblemRow, state: ProblemState) -> None:
    """Make this version the one that the problem's row shows, in this state."""
    values = _values(problem, state)
    connection.execute(update(problems).where(problems.c.slug == problem.slug).values(values))


def _values(problem: ProblemRow, state: ProblemState) -> dict[str, Any]:
    values = {column.name: getattr(problem, column.name) for column in problems.c}
    return {**values, "state": state.value, "spec": stored_spec(problem.spec, state)}


def _require_editor(connection: Connection, slug: str, editor: Account | None) -> None:
    may_edit = editor is None or editor.is_admin or is_member(connection, slug, editor.id)
    if not may_edit:
        raise Forbidden(
            f"the problem {slug!r} is another author's: choose another slug, or ask an administrator"
        )


def suspend_version(connection: Connection, slug: str, version: str, reason: str) -> None:
    """Suspend a problem in the caller's transaction if its row shows this version."""
    _change_suspension(connection, (problems.c.slug == slug) & (problems.c.version == version), reason)


def _change_suspension(connection: Connection, which: ColumnElement[bool], reason: str | None) -> bool:
    spec = connection.execute(select(problems.c.spec).where(which).with_for_update()).scalar_one_or_none()
    if spec is None:
        return False
    changed = {name: value for name, value in spec.items() if name != "suspended"}
    changed |= {"suspended": reason} if reason is not None else {}
    connection.execute(update(problems).where(which).values(spec=changed))
    return True


def publish_limit(connection: Connection, version: str, seconds: float) -> None:
    """Write the limit into the spec of each problem whose row shows this version, unless the spec has a
    limit."""
    query = select(problems.c.slug, problems.c.spec).where(problems.c.version == version)
    for slug, spec in connection.execute(query).all():
        if spec["limits"]["time"] is None:
            shown = {**spec, "limits": {**spec["limits"], "time": seconds}}
            connection.execute(update(problems).where(problems.c.slug == slug).values(spec=shown))


def _readable(row: RowMapping) -> ProblemRow:
    """The problem of a row. Raises ``ValueError`` if its spec has wrong types. The spec is not parsed,
    because parsing each spec would make lists slower."""
    problem = row_from(row)
    odd = [name for name, kind in _SPEC_TYPES.items() if not isinstance(problem.spec.get(name), kind)]
    if odd:
        raise ValueError(f"wrong types in its spec: {', '.join(odd)}")
    return problem


def row_from(row: RowMapping) -> ProblemRow:
    """The problem that this row of ``problems`` holds."""
    if not isinstance(row["spec"], dict):
        raise ValueError("its spec is no object")
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
        state=_state_from(row["state"]),
    )


def _state_from(text: str) -> ProblemState:
    """A state that this release does not know was stored by a later release. The problem counts as a draft
    then."""
    return ProblemState(text) if text in tuple(ProblemState) else ProblemState.DRAFT
