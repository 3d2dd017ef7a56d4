import { useQuery } from "@tanstack/react-query";
import { call } from "../wire/client";
import type { Status } from "../wire/types";

export interface Place {
  /** How many of the same queue are judged before this one. */
  ahead: number;
  expected_seconds: number | null;
  /** False while the submission waits on the server: for room in the queue, or for the queue itself. */
  sent: boolean;
  reachable: boolean;
  /** Held back by an operator. */
  paused: boolean;
}

/** Where a waiting submission stands; asked only after a moment, since most wait less than that. */
export function usePlace(status: Status): Place | undefined {
  const query = useQuery({
    queryKey: ["place", status.id],
    queryFn: ({ signal }) => call<Place>(`/submissions/${status.id}/place`, { signal }),
    enabled: status.stage === "QUEUED",
    refetchInterval: 2000,
    retry: false,
  });
  return query.data;
}
