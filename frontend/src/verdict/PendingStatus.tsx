import { useEffect } from "react";
import { formatDuration } from "../lib/format";
import type { Status } from "../api/types";
import { type QueuePosition, useQueuePosition } from "./useQueuePosition";

/** Shown until there is a verdict: the queue position and the expected wait, if known. */
export function PendingStatus({ status }: { status: Status }) {
  const position = useQueuePosition(status);
  // Load the diff early: a wrong answer then shows it at once.
  useEffect(() => void import("./OutputDiff"), []);
  if (status.stage !== "QUEUED") return <p className="pending">Attempt {status.attempt}, on a worker now.</p>;
  return <p className="pending">{describePosition(position, status.queue)}</p>;
}

export function describePosition(position: QueuePosition | undefined, queue: string): string {
  if (!position) return `Waiting in the ${queue} queue.`;
  if (!position.sent && !position.reachable)
    return "Accepted and safe. It is waiting to be sent: the queue cannot be reached just now.";
  const ahead = position.ahead === 0 ? `Next in the ${queue} queue` : `${position.ahead} ahead in the ${queue} queue`;
  if (position.paused) return `${ahead}, which is paused for now. It is kept, and judged when the queue goes on.`;
  const wait = position.expected_seconds === null ? "" : `, about ${formatDuration(position.expected_seconds)}`;
  return `${ahead}${wait}.`;
}
