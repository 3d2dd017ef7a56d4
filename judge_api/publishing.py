"""How a package gets on offer: kept by its content in the library, listed by its slug in the store."""

from __future__ import annotations

from datetime import UTC, datetime

from judge_api.catalog.packages import StoredPackage
from judge_api.store.records import ProblemRow


def problem_row(stored: StoredPackage, added_by: str | None) -> ProblemRow:
    """What the store keeps of a package."""
    spec = stored.spec
    return ProblemRow(
        slug=stored.slug,
        version=stored.hash,
        title=spec.name,
        format="icpc",
        # What is not set is left out: an earlier release may not know of it, and for all it means None.
        spec={name: value for name, value in spec.to_json().items() if value is not None},
        added_at=datetime.now(UTC),
        author=", ".join(spec.authors) or None,
        statement=spec.statements[0].html if spec.statements else None,
        added_by=added_by,
    )
