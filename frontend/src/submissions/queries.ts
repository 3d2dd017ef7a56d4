import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { idempotencyKey } from "../api/idempotencyKey";
import { isFinal } from "../status-updates/statusOrder";
import { PARTIAL } from "../verdict/labels";
import type { Accepted, Status, Submission, SubmissionComments } from "../api/types";
import type { Program } from "../problem/programFiles";

export interface Filter {
  problem?: string;
  verdict?: string;
  language?: string;
  kind?: string;
}

const REFRESH_MS = 10_000;
/** How often the jury's view of a member's submission is read again until it has ended. */
const JURY_REFRESH_MS = 3_000;

interface SubmissionsPage {
  submissions: Status[];
  /** The cursor of the next page. */
  cursor: string | null;
}

export function useSubmissions(filter: Filter) {
  return useInfiniteQuery({
    queryKey: ["submissions", filter],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ ...asQuery(filter), ...(pageParam ? { cursor: pageParam } : {}) });
      return call<SubmissionsPage>(`/submissions?${query}`, { signal });
    },
    initialPageParam: "",
    // Loads the list again to show submissions that other tabs and programs have sent, but not if more than one page is
    // shown, since later pages do not change.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 1) > 1 ? false : REFRESH_MS),
    getNextPageParam: (page) => page.cursor ?? undefined,
    select: (data) => data.pages.flatMap((page) => page.submissions),
  });
}

/** The API's words for a filter: accepted means full marks, as everywhere in the pages. */
export function asQuery({ verdict, ...rest }: Filter): Record<string, string> {
  if (verdict === PARTIAL) return { ...rest, full_marks: "false" };
  if (verdict === "AC") return { ...rest, full_marks: "true" };
  return verdict ? { ...rest, verdict } : { ...rest };
}

/** A submission. That of another account is read again until it has ended, because the jury cannot follow its status. */
export function useSubmission(id: string) {
  return useQuery({
    queryKey: ["submissions", "one", id],
    queryFn: ({ signal }) => call<Submission>(`/submissions/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: ({ state: { data } }) => (data && !data.own && !isFinal(data) ? JURY_REFRESH_MS : false),
  });
}

export function useCancel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call(`/submissions/${encodeURIComponent(id)}`, { method: "DELETE" }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["submissions"] }),
  });
}

/** Submits the same source again; each click makes a new submission. */
export function useResubmit() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Program & { problem: string; language: string; event?: string }) =>
      call<Accepted>("/submissions", {
        method: "POST",
        body,
        headers: { "Idempotency-Key": idempotencyKey() },
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["submissions"] }),
  });
}

function commentsPath(id: string): string {
  return `/submissions/${encodeURIComponent(id)}/comments`;
}

export function useComments(id: string) {
  return useQuery({
    queryKey: ["submissions", "one", id, "comments"],
    queryFn: ({ signal }) => call<SubmissionComments>(commentsPath(id), { signal }),
  });
}

function useCommentChange<Input>(id: string, change: (input: Input) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["submissions", "one", id, "comments"] }),
  });
}

export function useAddComment(id: string) {
  return useCommentChange(id, (body: { text: string; line?: number }) =>
    call(commentsPath(id), { method: "POST", body }),
  );
}

export function useRemoveComment(id: string) {
  return useCommentChange(id, (comment: string) => call(`${commentsPath(id)}/${comment}`, { method: "DELETE" }));
}
