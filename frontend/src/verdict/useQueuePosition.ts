import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { NoWorker, Status } from "../api/types";

export interface QueuePosition {
  /** How many submissions of the same queue are judged before this one. */
  ahead: number;
  expected_seconds: number | null;
  /** False while the submission waits in the outbox: the queue is full or unreachable. */
  sent: boolean;
  reachable: boolean;
  /** An operator has paused the queue. */
  paused: boolean;
  /** No live worker of the tier has the language: it waits for one. */
  no_worker?: NoWorker | null;
}

/** The queue position of a waiting submission, refreshed every two seconds. */
export function useQueuePosition(status: Status): QueuePosition | undefined {
  const query = useQuery({
    queryKey: ["place", status.id],
    queryFn: ({ signal }) => call<QueuePosition>(`/submissions/${status.id}/place`, { signal }),
    enabled: status.stage === "QUEUED",
    refetchInterval: 2000,
    retry: false,
  });
  return query.data;
}
