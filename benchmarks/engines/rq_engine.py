# mypy: ignore-errors
"""RQ with its own worker. Its safest settings are ``Retry`` for each job, and maintenance every five
seconds."""

import sys

from job import REDIS_PORT, SAFEST, produce, work
from redis import Redis
from rq import Queue, Retry, Worker


def main(mode: str) -> None:
    redis = Redis(port=REDIS_PORT, socket_timeout=None if mode == "work" else 3)
    queue = Queue("jobs", connection=redis)
    if mode == "work":
        options = {"maintenance_interval": 5, "job_monitoring_interval": 5} if SAFEST else {}
        Worker([queue], connection=redis, **options).work(logging_level="WARNING")
    else:
        retry = Retry(max=3) if SAFEST else None
        produce(lambda number: queue.enqueue(work, number, retry=retry))


if __name__ == "__main__":
    main(sys.argv[1])
