import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Notices } from "../api/types";

const NOTICES = ["notices"] as const;
const EVERY_MS = 60_000;

/** The changes that others made to the account's submissions and events, asked for every minute. */
export function useNotices(isSignedIn: boolean) {
  return useQuery({
    queryKey: NOTICES,
    queryFn: ({ signal }) => call<Notices>("/me/notices", { signal }),
    enabled: isSignedIn,
    refetchInterval: EVERY_MS,
  });
}

/** Marks the notices up to an id as read. The notices on the page still look unread until they are loaded again. */
export function useMarkRead() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (upTo: number) => call("/me/notices/read", { method: "POST", body: { up_to: upTo } }),
    onSuccess: () => queries.setQueryData<Notices>(NOTICES, (known) => (known ? { ...known, unread: 0 } : known)),
  });
}
