import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../wire/client";
import type { Role, Tier } from "../wire/types";
import type { AccountLine, AddedProblem, AuditEntry, OwnedStatus, Queues, WorkerCard } from "./wire";

const LIVE_MS = 2000;
/** While the stream tells the rest, only the samples are asked for, as often as there are new ones. */
const SAMPLED_MS = 10_000;
/** The stream's word puts this off: it comes to asking only when nothing has been heard for so long. */
const SILENCE_MS = 5000;

/** Everything below "operating" is read again after any act of the operator. */
function operating<Answer>(name: string, path: string, every: number | false) {
  return {
    queryKey: ["operating", name, path],
    queryFn: ({ signal }: { signal: AbortSignal }) => call<Answer>(path, { signal }),
    refetchInterval: every,
  };
}

export function useQueues(hours: number, isTold: boolean) {
  const every = isTold ? SAMPLED_MS : LIVE_MS;
  return useQuery(operating<Queues>("queues", `/admin/queues?hours=${hours}`, every));
}

export function useWorkers() {
  return useQuery({
    ...operating<{ workers: WorkerCard[] }>("workers", "/admin/workers", SILENCE_MS),
    select: (answer) => answer.workers,
  });
}

export function useAllSubmissions(filter: Record<string, string>) {
  const path = `/admin/submissions?${new URLSearchParams(filter)}`;
  return useQuery({
    ...operating<{ submissions: OwnedStatus[] }>("submissions", path, 5000),
    select: (answer) => answer.submissions,
  });
}

export function useAccounts() {
  return useQuery({
    ...operating<{ accounts: AccountLine[] }>("accounts", "/admin/accounts", false),
    select: (answer) => answer.accounts,
  });
}

export function useAudit() {
  return useQuery({
    ...operating<{ entries: AuditEntry[] }>("audit", "/admin/audit", 10_000),
    select: (answer) => answer.entries,
  });
}

/** One act of the operator: a call, and then a fresh look at everything. */
function useAct<Input, Answer = unknown>(act: (input: Input) => Promise<Answer>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => queries.invalidateQueries({ queryKey: ["operating"] }),
  });
}

export function usePause() {
  return useAct(({ tier, paused }: { tier: Tier; paused: boolean }) =>
    call(`/admin/queues/${tier}`, { method: "PATCH", body: { paused } }),
  );
}

export function useDrain() {
  return useAct((worker: string) =>
    call(`/admin/workers/${encodeURIComponent(worker)}/drain`, { method: "POST", body: {} }),
  );
}

export type SubmissionAct = "requeue" | "rejudge" | "cancel";

export function useSubmissionAct() {
  return useAct(({ id, act }: { id: string; act: SubmissionAct; before: string }) =>
    act === "cancel"
      ? call(`/submissions/${id}`, { method: "DELETE" })
      : call(`/admin/submissions/${id}/${act}`, { method: "POST", body: {} }),
  );
}

export function useAccountChange() {
  return useAct(({ id, ...change }: { id: string; tier?: Tier; role?: Role; disabled?: boolean }) =>
    call(`/admin/accounts/${id}`, { method: "PATCH", body: change }),
  );
}

export function useInvite() {
  return useAct((_: undefined) =>
    call<{ invitation: string; expires_at: string }>("/admin/invitations", { method: "POST", body: {} }),
  );
}

export function useAddProblem() {
  return useAct((archive: File) => {
    const form = new FormData();
    form.set("package", archive);
    return call<AddedProblem>("/admin/problems", { method: "POST", form });
  });
}
