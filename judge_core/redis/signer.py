"""Signs what the main server writes to Redis, with a key that workers do not have.

A worker that was handed an attempt got its *proof* with the request. Without it the worker's reports are not
recorded and its progress is not shown. A status of the main server carries a signature of its whole text.
The *secret* of an attempt is part of the name of its job, so that only the worker that pops the job finds it.
That of a submission is part of the names of what all its attempts share, such as the status.
"""

from __future__ import annotations

import hashlib
import hmac

from judge_core.messages import UnreadableMessage
from judge_core.model.submission import Status
from judge_core.redis.keys import SECRET_LENGTH
from judge_core.redis.status_codec import dump_status, load_status

PROOF_LENGTH = 32
_BEFORE = ',"proof":"'
_TAIL_LENGTH = len(_BEFORE) + PROOF_LENGTH + len('"}')


class Signer:
    """Holds the key of all main servers of one installation."""

    def __init__(self, secret_key: str) -> None:
        key = hashlib.sha256(b"gavel redis:" + secret_key.encode()).digest()
        self._keyed = hmac.new(key, digestmod="sha256")

    def proof(self, submission: str, attempt: int) -> str:
        """The proof that a report's sender was handed this attempt."""
        return self._mac(f"attempt:{submission}:{attempt}".encode())

    def is_proof(self, given: bytes | str | None, submission: str, attempt: int) -> bool:
        """Whether this is the attempt's proof."""
        return given is not None and _same(given, self.proof(submission, attempt))

    def job_secret(self, submission: str, attempt: int) -> str:
        """The secret in the id of an attempt's job and in the name of its lease."""
        return self._mac(f"job:{submission}:{attempt}".encode())[:SECRET_LENGTH]

    def submission_secret(self, submission: str) -> str:
        """The secret in the names of a submission's status and of the streams of its program."""
        return self._mac(f"submission:{submission}".encode())[:SECRET_LENGTH]

    def sign_status(self, status: Status) -> str:
        """The text of a status as the main server publishes it."""
        text = dump_status(status)
        return _with_proof(text, self._mac(text.encode()))

    def load_status(self, text: bytes) -> Status:
        """The status in a published text. Raises ``UnreadableMessage`` for one that neither the main server
        nor the worker of the attempt can have written. Only the main server writes final ones."""
        status = load_status(text)
        given = text[-_TAIL_LENGTH + len(_BEFORE) : -2]
        if text[-_TAIL_LENGTH : -_TAIL_LENGTH + len(_BEFORE)] == _BEFORE.encode():
            if _same(given, self._mac(text[:-_TAIL_LENGTH] + b"}")):
                return status
            if not status.stage.is_final and _same(
                given, progress_proof(self.proof(status.id, status.attempt))
            ):
                return status
        raise UnreadableMessage("a status without the proof of its sender")

    def load_status_of(self, submission: str, text: bytes) -> Status:
        """As :meth:`load_status`; the status of another submission counts as unreadable."""
        status = self.load_status(text)
        if status.id != submission:
            raise UnreadableMessage("the status of another submission")
        return status

    def _mac(self, content: bytes) -> str:
        made = self._keyed.copy()  # takes a third of the time of ``hmac.digest``
        made.update(content)
        return made.hexdigest()[:PROOF_LENGTH]


def dump_progress(status: Status, proof: str | None) -> str:
    """The text of a status as a worker publishes it. Main servers of this release do not believe one without
    a proof; those of the previous release sent none."""
    text = dump_status(status)
    return text if proof is None else _with_proof(text, progress_proof(proof))


def progress_proof(proof: str) -> str:
    """The proof of progress. Readers of a status see it; the proof of reports cannot be computed from it."""
    return hashlib.sha256(b"progress:" + proof.encode()).hexdigest()[:PROOF_LENGTH]


def _with_proof(text: str, proof: str) -> str:
    return f'{text[:-1]}{_BEFORE}{proof}"}}'


def _same(given: bytes | str, wanted: str) -> bool:
    found = given.encode() if isinstance(given, str) else given
    return hmac.compare_digest(found, wanted.encode())
