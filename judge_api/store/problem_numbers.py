"""Small numbers of problems, by which LeetCode's clients list them and name files.

Problems get numbers when a problem without one is first asked for, in the order in which they were added.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Engine, func, insert, select

from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.tables import problem_numbers, problems


class ProblemNumberStore:
    """Stores the numbers. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, slugs: Collection[str]) -> Mapping[str, int]:
        """The numbers of all problems, by slug. Each existing problem of ``slugs`` has a number."""
        query = select(problem_numbers.c.slug, problem_numbers.c.number)
        with read_connection(self._engine) as connection:
            found = {row.slug: row.number for row in connection.execute(query)}
        if found.keys() >= set(slugs):
            return found
        self._number_the_rest()
        with read_connection(self._engine) as connection:
            return {row.slug: row.number for row in connection.execute(query)}

    def _number_the_rest(self) -> None:
        """Give each problem without a number the next free number. Drafts get numbers too, so publishing a
        problem changes no number."""
        highest = select(func.coalesce(func.max(problem_numbers.c.number), 0))
        numbered = select(problem_numbers.c.slug)
        missing = select(problems.c.slug).where(problems.c.slug.not_in(numbered))
        with write_transaction(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                # Without the lock, two requests would give out the same number.
                connection.exec_driver_sql("LOCK TABLE problem_numbers IN SHARE ROW EXCLUSIVE MODE")
            start = connection.execute(highest).scalar_one() + 1
            slugs = connection.execute(missing.order_by(problems.c.added_at, problems.c.slug)).scalars().all()
            rows = [{"slug": slug, "number": number} for number, slug in enumerate(slugs, start)]
            if rows:
                connection.execute(insert(problem_numbers), rows)
