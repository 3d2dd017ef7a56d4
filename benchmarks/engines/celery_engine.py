# mypy: ignore-errors
"""Celery over Redis. Its safest settings are late acknowledgement, a short visibility timeout and no
prefetching."""

import sys

from celery import Celery
from job import REDIS_PORT, SAFEST, produce, work

app = Celery("celery_engine", broker=f"redis://127.0.0.1:{REDIS_PORT}/0")
app.conf.broker_connection_retry_on_startup = True
app.conf.worker_hijack_root_logger = False
if SAFEST:
    app.conf.task_acks_late = True
    app.conf.task_reject_on_worker_lost = True
    app.conf.worker_prefetch_multiplier = 1
    app.conf.broker_transport_options = {"visibility_timeout": 20}

task = app.task(name="work")(work)


def main(mode: str) -> None:
    if mode == "work":
        quiet = ("--loglevel=ERROR", "--without-gossip", "--without-mingle")
        app.worker_main(["worker", "--concurrency=1", *quiet])
    else:
        produce(lambda number: task.apply_async((number,), retry=False))


if __name__ == "__main__":
    main(sys.argv[1])
