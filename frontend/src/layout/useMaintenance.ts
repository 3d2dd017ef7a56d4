import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Maintenance } from "../api/types";

export const MAINTENANCE = ["maintenance"];

/** The state of planned maintenance, asked for once a minute. A server of an earlier release has none. */
export function useMaintenance() {
  return useQuery({
    queryKey: MAINTENANCE,
    queryFn: ({ signal }) => call<Maintenance>("/maintenance", { signal }),
    refetchInterval: 60_000,
    retry: false,
  });
}
