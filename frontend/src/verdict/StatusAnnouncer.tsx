import { formatKilobytes, formatMilliseconds } from "../lib/format";
import { isFinal } from "../status-updates/statusOrder";
import type { Status } from "../api/types";

/** Announces each stage once and the verdict in one sentence to screen readers; not every test. */
export function StatusAnnouncer({ status, text }: { status: Status; text: string }) {
  return (
    <p className="visually-hidden" role="status">
      {announcement(status, text)}
    </p>
  );
}

export function announcement(status: Status, text: string): string {
  if (!isFinal(status)) return status.stage === "RUNNING" ? "Running the tests" : text;
  const passed = status.tests?.filter((test) => test.verdict === "AC").length;
  const facts = [
    passed !== undefined && status.tests_total > 0 ? `${passed} of ${status.tests_total} tests passed` : "",
    status.cpu_ms === null ? "" : `runtime ${formatMilliseconds(status.cpu_ms)}`,
    status.memory_kb === null ? "" : `memory ${formatKilobytes(status.memory_kb)}`,
  ].filter(Boolean);
  return [`Verdict: ${text}`, ...facts].join(", ");
}
