"""Traces one attempt: continues the client's trace, and exports spans and metrics if there is an exporter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from judge_core.messages import JudgeRequest, Report, ReportKind
from judge_core.model.submission import from_rfc3339
from judge_core.telemetry import Attributes, Span, SpanTimes, Telemetry
from judge_core.tracing import trace_id


@dataclass(frozen=True, slots=True)
class AttemptTrace:
    """The trace of one attempt. Without an exporter it only continues the client's trace."""

    request: JudgeRequest
    started_at: datetime
    telemetry: Telemetry | None
    span: Span | None

    @classmethod
    def begin(cls, request: JudgeRequest, started_at: datetime, telemetry: Telemetry | None) -> AttemptTrace:
        span = telemetry.begin("judge", request.traceparent) if telemetry else None
        return cls(request, started_at, telemetry, span)

    @property
    def log_fields(self) -> dict[str, str]:
        found = trace_id(self._traceparent)
        return {} if found is None else {"trace": found}

    @property
    def _traceparent(self) -> str | None:
        return self.span.traceparent if self.span else self.request.traceparent

    def end(self, report: Report | None) -> Report | None:
        """End the trace. Returns the report with the trace, so that the verdict belongs to the trace too."""
        if self.telemetry is not None and self.span is not None:
            self._export(self.telemetry, self.span, report)
        if report is None or self._traceparent is None:
            return report
        return replace(report, traceparent=self._traceparent)

    def _export(self, telemetry: Telemetry, span: Span, report: Report | None) -> None:
        request, timings = self.request, report.timings if report else {}
        of_queue = {"gavel.queue": request.queue.value, "gavel.language": request.language}
        fields = request.status_fields
        accepted_at = from_rfc3339(fields.submitted_at) if fields else None
        if accepted_at is not None:
            times = SpanTimes(accepted_at, max(accepted_at, self.started_at))
            telemetry.record("queue", request.traceparent, times, of_queue)
        ending = {**of_queue, "gavel.ending": _ending(report)}
        about: Attributes = {"gavel.submission": request.submission, "gavel.attempt": request.attempt}
        failed = report is None or report.kind is not ReportKind.FINISHED
        span.end({**ending, **about}, failed=failed)
        telemetry.count("gavel.attempts", ending)
        for name, timing in (("gavel.queue.wait", "waited_ms"), ("gavel.judge.duration", "judged_ms")):
            if timing in timings:
                telemetry.measure(name, timings[timing] / 1000, of_queue)


def _ending(report: Report | None) -> str:
    if report is None:
        return "lease lost"
    return report.outcome.verdict.value if report.outcome else report.kind.value
