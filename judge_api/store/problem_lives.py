"""Publishes, hides, archives and deletes a problem, and goes back to an earlier version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, select, update

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.problem_states import declared_spec
from judge_api.store.problem_versions import find_version, newest_version
from judge_api.store.problems import publish_limit, row_from, show_version
from judge_api.store.records import ProblemRow
from judge_api.store.tables import event_problems, events, problem_versions, problems, submissions
from judge_core.clock import utc_now
from judge_core.model.errors import Conflict, NotFound
from judge_core.model.problem import ProblemState
from judge_core.model.submission import Kind


@dataclass(frozen=True, slots=True)
class DeletedProblem:
    """The versions of a deleted problem whose packages are needed by no other problem and no unfinished
    run."""

    unused: tuple[str, ...]


class ProblemLifeStore:
    """Changes the states of problems. Methods that change a problem raise ``NotFound`` for an unknown one.
    Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def publish(self, slug: str, version: str) -> ProblemRow:
        """Publish this version of the problem. Raises ``Conflict`` if an earlier release stored it without
        its spec."""
        with write_transaction(self._engine) as connection:
            current = _locked(connection, slug)
            problem = _of_version(connection, current, version)
            if current.is_published and current.version == version:
                return current
            show_version(connection, problem, ProblemState.PUBLISHED)
            _apply_limit(connection, problem)
            return replace(problem, state=ProblemState.PUBLISHED)

    def hide(self, slug: str) -> None:
        """Make the problem a draft again. Its row then shows its newest version."""
        self._withdraw(slug, ProblemState.DRAFT)

    def archive(self, slug: str) -> None:
        """Archive the problem. It takes no submissions, and all its records stay."""
        self._withdraw(slug, ProblemState.ARCHIVED)

    def restore(self, slug: str, version: str) -> ProblemRow:
        """Make an earlier version the newest one. If the problem is published, this version is published
        instead. Raises ``Conflict`` as :meth:`publish` does."""
        newest = update(problem_versions).where(
            problem_versions.c.slug == slug, problem_versions.c.hash == version
        )
        with write_transaction(self._engine) as connection:
            current = _locked(connection, slug)
            problem = _of_version(connection, current, version)
            connection.execute(newest.values(added_at=self._clock()))
            show_version(connection, problem, current.state)
            _apply_limit(connection, problem)
            return replace(problem, state=current.state)

    def submission_count(self, slug: str) -> int:
        """How many submissions refer to the problem, without runs."""
        with read_connection(self._engine) as connection:
            return _submission_count(connection, slug)

    def delete(self, slug: str) -> DeletedProblem:
        """Delete the problem with all its versions. Raises ``Conflict`` while submissions refer to it, or an
        event uses it."""
        with write_transaction(self._engine) as connection:
            _locked(connection, slug)
            if count := _submission_count(connection, slug):
                refer = "1 submission refers" if count == 1 else f"{count} submissions refer"
                raise Conflict(f"{refer} to {slug!r}: archive it instead, which keeps their records")
            used = select(events.c.slug).join(event_problems).where(event_problems.c.slug == slug)
            if event := connection.execute(used.limit(1)).scalar():
                raise Conflict(f"the event {event!r} uses {slug!r}: take it out of the event first")
            query = select(problem_versions.c.hash).where(problem_versions.c.slug == slug)
            versions = set(connection.execute(query).scalars())
            connection.execute(delete(problems).where(problems.c.slug == slug))
            return DeletedProblem(tuple(sorted(versions - _needed(connection, versions))))

    def _withdraw(self, slug: str, state: ProblemState) -> None:
        with write_transaction(self._engine) as connection:
            current = _locked(connection, slug)
            _keep_spec(connection, current)
            newest = newest_version(connection, slug) if state is ProblemState.DRAFT else None
            shown = _of_version(connection, current, newest.hash) if newest and newest.spec else current
            show_version(connection, replace(shown, spec=declared_spec(shown.spec)), state)


def _locked(connection: Connection, slug: str) -> ProblemRow:
    query = select(problems).where(problems.c.slug == slug).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no problem {slug[:64]!r}")
    return row_from(row)


def _of_version(connection: Connection, current: ProblemRow, hash: str) -> ProblemRow:
    """The problem as this version describes it."""
    version = find_version(connection, current.slug, hash)
    if version is None:
        raise NotFound(f"{current.slug} has no version {hash[:64]!r}")
    spec = version.spec or (declared_spec(current.spec) if current.version == hash else None)
    if spec is None:
        raise Conflict(f"the version {hash[:12]} was added by an earlier release: add its package again")
    statements = spec["statements"]
    return ProblemRow(
        slug=current.slug,
        version=hash,
        title=spec["name"],
        format=current.format,
        spec=spec,
        added_at=version.added_at,
        author=", ".join(spec.get("authors", ())) or None,
        statement=statements[0]["html"] if statements else None,
        added_by=version.added_by,
    )


def _keep_spec(connection: Connection, current: ProblemRow) -> None:
    """Store the spec with a version that an earlier release added, since the problem's row will lose a part
    of it."""
    if current.is_published:
        without = (problem_versions.c.slug == current.slug) & (problem_versions.c.hash == current.version)
        missing = update(problem_versions).where(without, problem_versions.c.spec.is_(None))
        connection.execute(missing.values(spec=current.spec))


def _apply_limit(connection: Connection, problem: ProblemRow) -> None:
    version = find_version(connection, problem.slug, problem.version)
    if version is not None and version.time_limit is not None:
        publish_limit(connection, problem.version, version.time_limit)


def _submission_count(connection: Connection, slug: str) -> int:
    of_problem = (submissions.c.problem == slug) & (submissions.c.kind == Kind.SUBMISSION.value)
    return connection.execute(select(func.count()).select_from(submissions).where(of_problem)).scalar_one()


def _needed(connection: Connection, versions: set[str]) -> set[str]:
    """The versions among these that an unfinished run or another problem needs."""
    open_ones = select(submissions.c.package_hash).where(
        submissions.c.open, submissions.c.package_hash.in_(versions)
    )
    others = select(problem_versions.c.hash).where(problem_versions.c.hash.in_(versions))
    return {*connection.execute(open_ones).scalars(), *connection.execute(others).scalars()}
