"""The spec of a problem, as its row holds it in each state and as clients get it.

Releases before migration 0021 know no states and show every row. For these releases, the row of a problem
that is not published has an embargo without end, and that of an archived problem refuses submissions.
"""

from __future__ import annotations

from typing import Any

from judge_core.model.problem import ProblemState

_ENDLESS = "9999-12-31T23:59:59Z"
ARCHIVED_REASON = "it is archived"


def stored_spec(spec: dict[str, Any], state: ProblemState) -> dict[str, Any]:
    """The spec for the row of a problem in this state."""
    if state is ProblemState.PUBLISHED:
        return spec
    hidden = {**spec, "embargo_until": _ENDLESS}
    return {**hidden, "suspended": ARCHIVED_REASON} if state is ProblemState.ARCHIVED else hidden


def declared_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """A stored spec without what :func:`stored_spec` added. An embargo that :func:`stored_spec` replaced is
    lost."""
    added = {"embargo_until": _ENDLESS, "suspended": ARCHIVED_REASON}
    return {name: value for name, value in spec.items() if added.get(name) != value}
