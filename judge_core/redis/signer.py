"""Signs what the main server writes to Redis, with a key that workers do not have.

A worker gets the *proof* of an attempt with the request. A report without the proof is not recorded, unless
``GAVEL_ACCEPT_UNPROVEN_REPORTS`` is ``yes`` and the worker uses the shared Redis user. Progress without the
proof is not shown. A status of the main server carries a signature of its whole text
(:mod:`judge_core.redis.status_channel`).

The *secret* of an attempt is part of the name of its job, so that only the worker that pops the job can find
it. The secret of a submission is part of the names of the keys that its attempts share, such as its status.

Ids of submissions are public, and a worker's Redis user may read each job whose name it knows. With secrets
in the names, it knows only the jobs that it has popped. Release 0.2.0 has no secrets, and its dispatchers
would treat jobs with secrets as lost. So names have no secret while ``GAVEL_ACCEPT_UNPROVEN_REPORTS`` is
``yes``.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace

from judge_core.redis.keys import SECRET_LENGTH, job_id, job_key, lease_key

PROOF_LENGTH = 32


class Signer:
    """Holds the key of all main servers of one installation."""

    def __init__(self, secret_key: str) -> None:
        key = hashlib.sha256(b"gavel redis:" + secret_key.encode()).digest()
        self._keyed = hmac.new(key, digestmod="sha256")

    def proof(self, submission: str, attempt: int) -> str:
        """The proof that a report's sender was handed this attempt."""
        return self.signature(f"attempt:{submission}:{attempt}".encode())

    def is_proof(self, given: bytes | str | None, submission: str, attempt: int) -> bool:
        """Whether this is the attempt's proof."""
        return given is not None and is_same(given, self.proof(submission, attempt))

    def job_secret(self, submission: str, attempt: int) -> str:
        """The secret in the id of an attempt's job and in the name of its lease."""
        return self.signature(f"job:{submission}:{attempt}".encode())[:SECRET_LENGTH]

    def submission_secret(self, submission: str) -> str:
        """The secret in the names of a submission's status and of the streams of its program."""
        return self.signature(f"submission:{submission}".encode())[:SECRET_LENGTH]

    def signature(self, content: bytes) -> str:
        """The signature of a text that a main server writes."""
        made = self._keyed.copy()  # faster than ``hmac.digest``
        made.update(content)
        return made.hexdigest()[:PROOF_LENGTH]


def is_same(given: bytes | str, wanted: str) -> bool:
    """Whether two proofs are equal, in a time that does not depend on where they differ."""
    found = given.encode() if isinstance(given, str) else given
    return hmac.compare_digest(found, wanted.encode())


@dataclass(frozen=True, slots=True)
class JobNames:
    """Names the job and the lease of each attempt."""

    signer: Signer
    are_secret: bool

    def secret(self, submission: str, attempt: int) -> str | None:
        """The secret of an attempt; ``None`` if names have no secrets."""
        return self.signer.job_secret(submission, attempt) if self.are_secret else None

    def job_id(self, submission: str, attempt: int) -> str:
        """RQ's id of an attempt's job."""
        return job_id(submission, attempt, self.secret(submission, attempt))

    def job_key(self, submission: str, attempt: int) -> str:
        """The key of an attempt's job."""
        return job_key(self.job_id(submission, attempt))

    def lease_key(self, submission: str, attempt: int) -> str:
        """The key of an attempt's lease."""
        return lease_key(submission, self.secret(submission, attempt))

    def others(self) -> JobNames:
        """The names under the other value of ``GAVEL_ACCEPT_UNPROVEN_REPORTS``."""
        return replace(self, are_secret=not self.are_secret)

    def both(self) -> tuple[JobNames, JobNames]:
        """These names, and :meth:`others`."""
        return self, self.others()
