import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { QueuePosition, Status } from "../api/types";

export type { QueuePosition };

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
