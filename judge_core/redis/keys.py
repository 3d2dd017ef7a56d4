"""The names of Gavel's keys and channels in Redis.

They are published: processes of two releases share one Redis during an upgrade, and
``deploy/redis/users.acl`` grants rights by them. A worker with a Redis user of its own has keys of its own
(:mod:`judge_core.redis.worker_users`).
"""

from __future__ import annotations

import re

from judge_core.model.account import Tier

REPORTS_STREAM = "gavel:reports"
"""The stream of reports, from workers to the main server."""
REPORT_CONSUMERS_GROUP = "recorders"
"""The consumer group of the dispatchers on the stream of reports."""
STATUS_CHANNEL = "gavel:status-changed"
"""The publish/subscribe channel of new statuses."""
WORKERS_SET = "gavel:workers"
"""The names of the workers of the shared Redis user that have registered and not signed off. Their records
expire by themselves."""
SILENT_WORKERS_SET = "gavel:workers-lost"
"""The names of workers whose record expired. The score of each is the time at which this was noticed."""
DISPATCHER_KEY = "gavel:dispatcher"
"""Present while a dispatcher sends heartbeats."""
UNSERVED_KEY = "gavel:unserved"
"""The hash of the languages that no live worker of a tier has. Its fields are ``tier|language``, and each
value is the time since when this is so."""
COUNTERS_KEY = "gavel:tallies"
"""The hash of counters that all processes share."""
RATE_LIMIT_PREFIX = "gavel:rates:"
SUPPORT_FILES_PREFIX = "gavel:support-files:"
"""The prefix of keys that hold files for later runs. The account's id and the file's id follow. The keys
expire."""
NO_WORKER = "-"
"""The worker's name in the lease of an attempt that no worker has taken yet. Revoking an attempt writes such
a lease for the next one."""


def reports_stream(user: str | None) -> str:
    """The stream to which the workers with this Redis user report. ``None`` means the shared stream."""
    return REPORTS_STREAM if user is None else f"{REPORTS_STREAM}:{user}"


def workers_set(user: str | None) -> str:
    """The set of the registered worker processes with this Redis user. ``None`` means the shared set."""
    return WORKERS_SET if user is None else f"{WORKERS_SET}:{user}"


def popped_jobs_key(user: str | None, queue: str) -> str:
    """The list of the jobs that the workers of this user have popped. For ``None`` it is RQ's intermediate
    queue, which the workers without a user of their own share."""
    return f"rq:queue:{queue}:intermediate" if user is None else f"gavel:popped:{user}"


def live_status_key(submission: str, secret: str | None) -> str:
    """The latest published status of a submission. It expires and is only a hint: the database is the source
    of truth.

    ``secret`` is the secret of the submission. A worker gets it with the request. A main server of release
    0.2.0 sends no secret, and does not read a status with a secret in its name.
    """
    return f"gavel:live:{_with_secret(submission, secret)}"


def program_input_key(submission: str, secret: str | None) -> str:
    """The input of a running program, from its client. The main server writes this stream. For the secret
    see :func:`live_status_key`."""
    return f"gavel:program-input:{_with_secret(submission, secret)}"


def program_output_key(submission: str, secret: str | None) -> str:
    """The output of a running program. The worker adds to this stream, and cannot create it. For the secret
    see :func:`live_status_key`."""
    return f"gavel:program-output:{_with_secret(submission, secret)}"


def lease_key(submission: str, secret: str | None = None) -> str:
    """The worker that judges an attempt now. The value is ``attempt:worker``. It expires unless a heartbeat
    renews it.

    Without a secret there is one lease for all attempts of a submission. For the secret see :func:`job_id`.
    """
    return f"gavel:lease:{_with_secret(submission, secret)}"


def worker_key(worker: str) -> str:
    """A worker's record as JSON. It expires unless a heartbeat renews it."""
    return f"gavel:worker:{worker}"


def worker_last_seen_key(worker: str) -> str:
    """A copy of a worker's record. The dispatcher keeps it longer than the record itself."""
    return f"gavel:worker-seen:{worker}"


def worker_command_key(worker: str) -> str:
    """The operators' order to a worker: ``drain``. The worker reads it with every heartbeat."""
    return f"gavel:worker-order:{worker}"


def queue_paused_key(tier: Tier) -> str:
    """Present while operators have paused a tier's queue."""
    return f"gavel:paused:{tier}"


def queue_capacity_key(queue: str) -> str:
    """How many jobs may wait in an RQ queue. The dispatcher adapts it to the number of workers, and to how
    often the queue is empty or never empty."""
    return f"gavel:room:{queue}"


def last_ahead_key(queue: str) -> str:
    """The id of the last job that was sent ahead in an RQ queue. The next such job is put after it."""
    return f"gavel:last-ahead:{queue}"


def set_aside_key(source: str) -> str:
    """The stream of the latest unreadable entries of one source."""
    return f"gavel:set-aside:{source}"


def moved_aside_key(key: str) -> str:
    """The new name of a key that held a value of the wrong type. It expires after a week."""
    return f"gavel:moved-aside:{key}"


def counted_key(writer: str) -> str:
    """The serial number of the last addition to the counters by one writer."""
    return f"{COUNTERS_KEY}:told:{writer}"


def job_id(submission: str, attempt: int, secret: str | None = None) -> str:
    """RQ's id of an attempt's job. Submission and attempt together are unique forever.

    Ids of submissions are public. So the main server puts a secret into the id of each attempt's job. A
    worker learns the secret when it pops the job. It can read no job and write no lease of other attempts. An
    id without a secret is also known to workers and servers of release 0.2.0.
    """
    return f"{_with_secret(submission, secret)}-{attempt}"


def job_key(id: str) -> str:
    """RQ's key of the job with this id."""
    return f"rq:job:{id}"


def parse_job_id(id: str) -> tuple[str, str | None, str]:
    """The submission, the secret and the text of the attempt in an id of :func:`job_id`."""
    name, _, attempt = id.rpartition("-")
    found = _SECRET.search(name)
    return (name, None, attempt) if found is None else (name[: found.start()], found[1], attempt)


def _with_secret(submission: str, secret: str | None) -> str:
    # The separator is "_", because RQ allows only letters, digits, "_" and "-" in the id of a job.
    return submission if secret is None else f"{submission}_{secret}"


SECRET_LENGTH = 32
_SECRET = re.compile(f"_([0-9a-f]{{{SECRET_LENGTH}}})$")
