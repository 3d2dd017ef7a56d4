import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import type { SharedSubmission, Solution, SubmissionLink } from "../api/types";

const MINUTE = 60_000;

/** The solution that the package explains. Only for the problem's authors, administrators and those who have solved it. */
export function useSolution(slug: string) {
  return useQuery({
    queryKey: ["problems", slug, "solution"],
    queryFn: ({ signal }) => call<Solution>(`/problems/${encodeURIComponent(slug)}/solution`, { signal }),
    staleTime: MINUTE,
  });
}

export function useShared(token: string) {
  return useQuery({
    queryKey: ["shared", token],
    queryFn: ({ signal }) => call<SharedSubmission>(`/shared/${encodeURIComponent(token)}`, { signal }),
  });
}

const linkKey = (id: string) => ["submissions", "one", id, "link"];
const linkPath = (id: string) => `/submissions/${encodeURIComponent(id)}/link`;

export function useSubmissionLink(id: string) {
  return useQuery({
    queryKey: linkKey(id),
    queryFn: ({ signal }) => call<SubmissionLink>(linkPath(id), { signal }),
  });
}

export function useMakeLink(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call<SubmissionLink>(linkPath(id), { method: "PUT" }),
    onSuccess: (link) => queries.setQueryData(linkKey(id), link),
  });
}

export function useRevokeLink(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call(linkPath(id), { method: "DELETE" }),
    onSuccess: () => queries.setQueryData<SubmissionLink>(linkKey(id), { path: null, made_at: null }),
  });
}
