import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../wire/client";
import type { Status, Submission } from "../wire/types";

export interface Filter {
  problem?: string;
  verdict?: string;
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
