import { t } from "@lingui/core/macro";
import { formatKilobytes, formatMilliseconds } from "../lib/format";
import { isFinal } from "../status-updates/statusOrder";
import type { Status } from "../api/types";

/** Announces each stage once and the verdict in one sentence to screen readers. It does not announce every test. */
export function StatusAnnouncer({ status, text }: { status: Status; text: string }) {
  return (
    <p className="visually-hidden" role="status">
      {announcement(status, text)}
    </p>
  );
}

export function announcement(status: Status, text: string): string {
  if (!isFinal(status)) return status.stage === "RUNNING" ? t`Running the tests` : text;
  const passed = status.tests?.filter((test) => test.verdict === "AC").length;
  const facts = [
    passed !== undefined && status.tests_total > 0 ? t`${passed} of ${status.tests_total} tests passed` : "",
    status.cpu_ms === null ? "" : t`runtime ${formatMilliseconds(status.cpu_ms)}`,
    status.memory_kb === null ? "" : t`memory ${formatKilobytes(status.memory_kb)}`,
  ].filter(Boolean);
  return [t`Verdict: ${text}`, ...facts].join(", ");
}
