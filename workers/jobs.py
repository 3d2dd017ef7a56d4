"""The one function that RQ may call here."""

from __future__ import annotations

from rq import get_current_job

from judge_core.messages import JudgeRequest


def judge(request_json: str) -> None:
    """Judge one attempt with the workshop of this worker; its outcome goes out as a report."""
    job = get_current_job()
    workshop = getattr(job, "workshop", None)
    if workshop is None:
        raise RuntimeError("workers.jobs.judge is for a worker started by `python -m workers`")
    workshop.judge(JudgeRequest.load(request_json))
