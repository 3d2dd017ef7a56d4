"""A problem that names no time limit gets one as soon as it is added, and not when somebody first submits."""

from __future__ import annotations

from judge_api.catalog.packages import StoredPackage
from judge_api.domain.account import Account
from judge_api.domain.errors import GavelError
from judge_api.domain.submission import Kind
from judge_api.journal import open_journal
from judge_api.web.admission import Posted
from judge_api.web.services import services

_journal = open_journal(__name__)


def find_time_limit(author: Account, stored: StoredPackage) -> str | None:
    """Run an accepted submission of the package on its samples: the worker that does so calibrates the limit.

    The run's id; ``None`` where the limit is known, or no submission of the package can be handed in as it
    is. Then the first judgement finds the limit.
    """
    if stored.spec.limits.time is not None or services().problems.known_limit(stored.hash) is not None:
        return None
    for model in stored.models:
        posted = Posted(
            language=model.language,
            source=model.source,
            kind=Kind.RUN,
            problem=stored.slug,
            idempotency_key=f"time-limit-{stored.hash}",
        )
        try:
            return services().admission.admit(author, posted).status.id
        except GavelError as error:
            _journal.warning("A time limit is not being found yet", problem=stored.slug, reason=str(error))
    return None
