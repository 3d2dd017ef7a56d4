# mypy: ignore-errors
"""Procrastinate over PostgreSQL. With the safest settings, a periodic task retries the jobs of workers whose
heartbeat has stopped."""

import sys

import procrastinate
from job import POSTGRES_URL, SAFEST, produce, work

connector = procrastinate.PsycopgConnector(conninfo=POSTGRES_URL)
app = procrastinate.App(connector=connector)
task = app.task(name="work", retry=5 if SAFEST else False)(work)

if SAFEST:

    @app.periodic(cron="* * * * * */5")
    @app.task(queueing_lock="retry_stalled_jobs", pass_context=True)
    async def retry_stalled_jobs(context: procrastinate.JobContext, timestamp: int) -> None:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=10):
            await app.job_manager.retry_job(job)


def main(mode: str) -> None:
    if mode == "work":
        app.run_worker(concurrency=1, install_signal_handlers=False)
        return
    sync = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=POSTGRES_URL))
    if mode == "schema":
        with sync.open():
            sync.schema_manager.apply_schema()
        return
    defer = sync.task(name="work")(work)
    with sync.open():
        produce(lambda number: defer.defer(number=number))


if __name__ == "__main__":
    main(sys.argv[1])
