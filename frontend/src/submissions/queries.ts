import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../wire/client";
import { onceKey } from "../wire/once";
import type { Accepted, Status, Submission } from "../wire/types";

export interface Filter {
  problem?: string;
  verdict?: string;
  language?: string;
  kind?: string;
}

interface HistoryPage {
  submissions: Status[];
  /** Asks for the next page. */
  cursor: string | null;
}

export function useHistory(filter: Filter) {
  return useInfiniteQuery({
    queryKey: ["submissions", filter],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ ...filter, ...(pageParam ? { cursor: pageParam } : {}) });
      return call<HistoryPage>(`/submissions?${query}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
    select: (data) => data.pages.flatMap((page) => page.submissions),
  });
}

export function useSubmission(id: string) {
  return useQuery({
    queryKey: ["submissions", "one", id],
    queryFn: ({ signal }) => call<Submission>(`/submissions/${encodeURIComponent(id)}`, { signal }),
  });
}

export function useCancel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call(`/submissions/${encodeURIComponent(id)}`, { method: "DELETE" }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["submissions"] }),
  });
}

/** The same source once more; each press is a submission of its own. */
export function useResubmit() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { problem: string; language: string; source: string }) =>
      call<Accepted>("/submissions", {
        method: "POST",
        body,
        headers: { "Idempotency-Key": onceKey() },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["submissions"] }),
  });
}
