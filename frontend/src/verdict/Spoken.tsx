import { kilobytes, milliseconds } from "../furniture/amounts";
import { isFinal } from "../live/order";
import type { Status } from "../wire/types";

/** The verdict for a screen reader: each stage once, and the outcome in one sentence; not every test. */
export function Spoken({ status, text }: { status: Status; text: string }) {
  return (
    <p className="hidden" role="status">
      {inWords(status, text)}
    </p>
  );
}

export function inWords(status: Status, text: string): string {
  if (!isFinal(status)) return status.stage === "RUNNING" ? "Running the tests" : text;
  const passed = status.tests?.filter((test) => test.verdict === "AC").length;
  const facts = [
    passed !== undefined && status.tests_total > 0 ? `${passed} of ${status.tests_total} tests passed` : "",
    status.cpu_ms === null ? "" : `runtime ${milliseconds(status.cpu_ms)}`,
    status.memory_kb === null ? "" : `memory ${kilobytes(status.memory_kb)}`,
  ].filter(Boolean);
  return [`Verdict: ${text}`, ...facts].join(", ");
}
