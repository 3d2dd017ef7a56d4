import { tierName } from "../lib/names";
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useEffect } from "react";
import { formatDateTime, formatDuration } from "../lib/format";
import type { NoWorker, Status } from "../api/types";
import { useLanguageName } from "../problems/queries";
import { type QueuePosition, useQueuePosition } from "./useQueuePosition";

/** Shown until there is a verdict: the queue position and the expected wait, if known. */
export function PendingStatus({ status }: { status: Status }) {
  const position = useQueuePosition(status);
  const languageName = useLanguageName();
  // Load the diff early: a wrong answer then shows it at once.
  useEffect(() => void import("./OutputDiff").catch(() => {}), []);
  if (status.stage !== "QUEUED")
    return (
      <p className="pending">
        <Trans>Attempt {status.attempt}, on a worker now.</Trans>
      </p>
    );
  return <p className="pending">{describePosition(position, status.queue, languageName)}</p>;
}

function describeNoWorker({ language, since }: NoWorker, nameOf: (id: string) => string): string {
  const name = nameOf(language);
  if (since === null)
    return t`Your program is stored. No machine here can judge ${name} now. The program waits for one.`;
  return t`Your program is stored. No machine here has been able to judge ${name} since ${formatDateTime(since)}. The program waits for one.`;
}

export function describePosition(
  position: QueuePosition | undefined,
  queue: string,
  languageName: (id: string) => string = (id) => id,
): string {
  const name = tierName(queue);
  if (!position) return t`Waiting in the ${name} queue.`;
  if (!position.sent && !position.reachable)
    return t`Your program is stored. It is waiting to be sent: the queue cannot be reached just now.`;
  if (position.no_worker) return describeNoWorker(position.no_worker, languageName);
  const ahead = position.ahead === 0 ? t`Next in the ${name} queue` : t`${position.ahead} ahead in the ${name} queue`;
  if (position.paused)
    return t`${ahead}, which is paused for now. The submission is kept, and judged when the queue is resumed.`;
  if (position.expected_seconds === null) return t`${ahead}.`;
  return t`${ahead}, about ${formatDuration(position.expected_seconds)}.`;
}
