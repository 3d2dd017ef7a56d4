"""The names of jobs and leases in Redis: with a secret, or as processes of release 0.2.0 know them.

Ids of submissions are public, and a worker's Redis user may read each job whose name it knows. With a secret
in the name it knows only the jobs that it has popped. Release 0.2.0 has no secrets: its dispatchers would
take such jobs for lost ones. So names have no secret while ``GAVEL_ACCEPT_UNPROVEN_REPORTS`` is ``yes``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rq.job import Job

from judge_core.redis.keys import job_id, lease_key
from judge_core.redis.signer import Signer


@dataclass(frozen=True, slots=True)
class JobNames:
    """Names the job and the lease of each attempt."""

    signer: Signer
    are_secret: bool

    def secret(self, submission: str, attempt: int) -> str | None:
        """The secret of an attempt; ``None`` where names have none."""
        return self.signer.job_secret(submission, attempt) if self.are_secret else None

    def job_id(self, submission: str, attempt: int) -> str:
        """RQ's id of an attempt's job."""
        return job_id(submission, attempt, self.secret(submission, attempt))

    def job_key(self, submission: str, attempt: int) -> str:
        """The key of an attempt's job."""
        return Job.key_for(self.job_id(submission, attempt))

    def lease_key(self, submission: str, attempt: int) -> str:
        """The key of an attempt's lease."""
        return lease_key(submission, self.secret(submission, attempt))

    def others(self) -> JobNames:
        """The names that processes with the other value of the setting use."""
        return replace(self, are_secret=not self.are_secret)

    def both(self) -> tuple[JobNames, JobNames]:
        """These names, and :meth:`others`."""
        return self, self.others()
