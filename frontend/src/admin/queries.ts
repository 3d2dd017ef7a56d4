import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../wire/client";
import type { Role, Tier } from "../wire/types";
import { useIsLive } from "./live";
import { say, sayTrouble } from "./notices";
import type {
  AccountLine,
  AddedProblem,
  AuditEntry,
  OfferedVersion,
  OwnedStatus,
  ProofBegun,
  Queues,
  WorkerCard,
} from "./wire";

const ASKED_MS = 2000;
/** While the stream tells all, this only mends what it might have missed. */
const TOLD_MS = 120_000;
const ACCOUNTS_A_PAGE = 100;

function useEvery(): number {
  return useIsLive() ? TOLD_MS : ASKED_MS;
}

export function useQueues(hours: number) {
  return useQuery({
    queryKey: ["operating", "queues", hours],
    queryFn: ({ signal }) => call<Queues>(`/admin/queues?hours=${hours}`, { signal }),
    refetchInterval: useEvery(),
  });
}

export function useWorkers() {
  return useQuery({
    queryKey: ["operating", "workers"],
    queryFn: ({ signal }) => call<{ workers: WorkerCard[] }>("/admin/workers", { signal }),
    select: (answer) => answer.workers,
    refetchInterval: useEvery(),
  });
}

export interface AllFilter {
  unfinished?: string;
  stage?: string;
  queue?: string;
  account?: string;
  problem?: string;
  verdict?: string;
}

interface OwnedPage {
  submissions: OwnedStatus[];
  cursor: string | null;
}

export function useAllSubmissions(filter: AllFilter) {
  return useInfiniteQuery({
    queryKey: ["operating", "submissions", filter],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ ...filter, ...(pageParam ? { cursor: pageParam } : {}) });
      return call<OwnedPage>(`/admin/submissions?${query}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
    select: (data) => data.pages.flatMap((page) => page.submissions),
    refetchInterval: useEvery(),
  });
}

export function useAccounts(search: string) {
  return useInfiniteQuery({
    queryKey: ["operating", "accounts", search],
    queryFn: ({ pageParam, signal }) => {
      const asked = { limit: String(ACCOUNTS_A_PAGE), ...(search ? { search } : {}) };
      const query = new URLSearchParams({ ...asked, ...(pageParam ? { after: pageParam } : {}) });
      return call<{ accounts: AccountLine[] }>(`/admin/accounts?${query}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: ({ accounts }) =>
      accounts.length < ACCOUNTS_A_PAGE ? undefined : accounts.at(-1)?.name,
    select: (data) => data.pages.flatMap((page) => page.accounts),
  });
}

export function useAudit() {
  return useInfiniteQuery({
    queryKey: ["operating", "audit"],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams(pageParam ? { cursor: pageParam } : {});
      return call<{ entries: AuditEntry[]; cursor: string | null }>(`/admin/audit?${query}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
    select: (data) => data.pages.flatMap((page) => page.entries),
  });
}

export function useOfferedVersions() {
  return useQuery({
    queryKey: ["operating", "problems"],
    queryFn: ({ signal }) => call<{ problems: OfferedVersion[] }>("/admin/problems", { signal }),
    select: (answer) => answer.problems,
  });
}

/** One act of the operator: a call, its outcome in words, and a fresh look at everything. */
function useAct<Input, Answer>(
  act: (input: Input) => Promise<Answer>,
  told?: (input: Input, answer: Answer) => string,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (answer, input) => told && say(told(input, answer)),
    onError: (error) => told && sayTrouble(error),
    onSettled: () => queries.invalidateQueries({ queryKey: ["operating"] }),
  });
}

export function usePause() {
  return useAct(
    ({ tier, paused }: { tier: Tier; paused: boolean }) =>
      call(`/admin/queues/${tier}`, { method: "PATCH", body: { paused } }),
    ({ tier, paused }) =>
      paused ? `the ${tier} queue is paused; what comes in waits.` : `the ${tier} queue goes on.`,
  );
}

export function useDrain() {
  return useAct(
    (worker: string) =>
      call<{ done: string }>(`/admin/workers/${encodeURIComponent(worker)}/drain`, { method: "POST", body: {} }),
    (_, answer) => `${answer.done}.`,
  );
}

export type SubmissionAct = "requeue" | "rejudge" | "cancel";

export function useSubmissionAct() {
  return useAct(
    ({ id, act }: { id: string; act: SubmissionAct; before: string }) =>
      act === "cancel"
        ? call(`/submissions/${id}`, { method: "DELETE" })
        : call(`/admin/submissions/${id}/${act}`, { method: "POST", body: {} }),
    ({ id, act, before }) => `${act} ${id.slice(-8)}. Before: ${before}.`,
  );
}

export interface AccountAct {
  account: AccountLine;
  change: { tier?: Tier; role?: Role; disabled?: boolean };
  told: string;
}

export function useAccountChange() {
  return useAct(
    ({ account, change }: AccountAct) =>
      call(`/admin/accounts/${account.id}`, { method: "PATCH", body: change }),
    ({ told }) => told,
  );
}

export function useInvite() {
  return useAct((_: undefined) =>
    call<{ invitation: string; expires_at: string }>("/admin/invitations", { method: "POST", body: {} }),
  );
}

export function useAddProblem() {
  const queries = useQueryClient();
  return useAct(async (archive: File) => {
    const form = new FormData();
    form.set("package", archive);
    const added = await call<AddedProblem>("/admin/problems", { method: "POST", form });
    void queries.invalidateQueries({ queryKey: ["problems"] });
    return added;
  });
}

export function useVerify() {
  return useAct((slug: string) =>
    call<ProofBegun>(`/admin/problems/${encodeURIComponent(slug)}/verify`, { method: "POST", body: {} }),
  );
}
