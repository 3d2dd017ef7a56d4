import { tierName } from "../lib/names";
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useEffect } from "react";
import { formatDuration } from "../lib/format";
import type { Status } from "../api/types";
import { type QueuePosition, useQueuePosition } from "./useQueuePosition";

/** Shown until there is a verdict: the queue position and the expected wait, if known. */
export function PendingStatus({ status }: { status: Status }) {
  const position = useQueuePosition(status);
  // Load the diff early: a wrong answer then shows it at once.
  useEffect(() => void import("./OutputDiff"), []);
  if (status.stage !== "QUEUED")
    return (
      <p className="pending">
        <Trans>Attempt {status.attempt}, on a worker now.</Trans>
      </p>
    );
  return <p className="pending">{describePosition(position, status.queue)}</p>;
}

export function describePosition(position: QueuePosition | undefined, queue: string): string {
  const name = tierName(queue);
  if (!position) return t`Waiting in the ${name} queue.`;
  if (!position.sent && !position.reachable)
    return t`Accepted and safe. It is waiting to be sent: the queue cannot be reached just now.`;
  const ahead = position.ahead === 0 ? t`Next in the ${name} queue` : t`${position.ahead} ahead in the ${name} queue`;
  if (position.paused) return t`${ahead}, which is paused for now. It is kept, and judged when the queue goes on.`;
  if (position.expected_seconds === null) return t`${ahead}.`;
  return t`${ahead}, about ${formatDuration(position.expected_seconds)}.`;
}
