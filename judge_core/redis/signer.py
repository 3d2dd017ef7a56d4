"""Signs what the main server writes to Redis, with a key that workers do not have.

A worker that was handed an attempt got its *proof* with the request. Without it the worker's reports are not
recorded and its progress is not shown. A status of the main server carries a signature of its whole text
(:mod:`judge_core.redis.status_channel`).
The *secret* of an attempt is part of the name of its job, so that only the worker that pops the job finds it.
That of a submission is part of the names of what all its attempts share, such as the status.
"""

from __future__ import annotations

import hashlib
import hmac

from judge_core.redis.keys import SECRET_LENGTH

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
        made = self._keyed.copy()  # takes a third of the time of ``hmac.digest``
        made.update(content)
        return made.hexdigest()[:PROOF_LENGTH]


def is_same(given: bytes | str, wanted: str) -> bool:
    """Whether two proofs are equal, in a time that does not depend on where they differ."""
    found = given.encode() if isinstance(given, str) else given
    return hmac.compare_digest(found, wanted.encode())
