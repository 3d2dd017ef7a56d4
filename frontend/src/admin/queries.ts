import { actionName, tierName } from "../lib/names";
import { plural, t } from "@lingui/core/macro";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MAINTENANCE } from "../layout/useMaintenance";
import { call } from "../api/client";
import type { Identity, Maintenance, MadeLink, Role, Tier } from "../api/types";
import { useIsStreamOpen } from "./streamContext";
import { showToast, showErrorToast } from "./toasts";
import type {
  AccountImport,
  AccountSummary,
  AuditEntry,
  BulkResult,
  Group,
  Logs,
  ProblemFault,
  ProblemVersion,
  OwnedStatus,
  Verification,
  Queues,
  Why,
  WorkerRecord,
} from "./types";

const POLL_MS = 2000;
/** While the stream is open, refetch rarely, in case an event was missed. */
const STREAM_OPEN_MS = 120_000;
const ACCOUNTS_A_PAGE = 100;

function useRefetchInterval(): number {
  return useIsStreamOpen() ? STREAM_OPEN_MS : POLL_MS;
}

export function useQueues(hours: number) {
  return useQuery({
    queryKey: ["admin", "queues", hours],
    queryFn: ({ signal }) => call<Queues>(`/admin/queues?hours=${hours}`, { signal }),
    refetchInterval: useRefetchInterval(),
  });
}

/** The tiers of this installation. They change only when the server starts anew. */
export function useTiers(): string[] {
  const found = useQuery({
    queryKey: ["admin", "tiers"],
    queryFn: ({ signal }) => call<Queues>("/admin/queues?hours=0", { signal }),
    select: ({ queues }) => queues.map(({ tier }) => tier),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return found.data ?? [];
}

interface WorkersAnswer {
  workers: WorkerRecord[];
  reachable: boolean;
}

function useWorkersAnswer<Part>(select: (answer: WorkersAnswer) => Part) {
  return useQuery({
    queryKey: ["admin", "workers"],
    queryFn: ({ signal }) => call<WorkersAnswer>("/admin/workers", { signal }),
    select,
    refetchInterval: useRefetchInterval(),
  });
}

export function useWorkers() {
  return useWorkersAnswer((answer) => answer.workers);
}

/** Whether Redis answers. While it does not, a worker that is not listed may still be running. */
export function useAreWorkersKnown(): boolean {
  return useWorkersAnswer((answer) => answer.reachable).data ?? true;
}

export interface AllFilter {
  unfinished?: string;
  order?: string;
  ignored?: string;
  stage?: string;
  queue?: string;
  account?: string;
  problem?: string;
  verdict?: string;
}

interface OwnedPage {
  submissions: OwnedStatus[];
  cursor: string | null;
  total: number | null;
}

export interface OwnedList {
  rows: OwnedStatus[];
  /** The number of matches. `MOST_COUNTED` means that number or more. */
  total: number;
}

export const MOST_COUNTED = 10_000;

export function useAllSubmissions(filter: AllFilter) {
  return useInfiniteQuery({
    queryKey: ["admin", "submissions", filter],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ ...filter, total: "true", ...(pageParam ? { cursor: pageParam } : {}) });
      return call<OwnedPage>(`/admin/submissions?${query}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
    select: (data): OwnedList => ({
      rows: data.pages.flatMap((page) => page.submissions),
      total: data.pages[0]?.total ?? 0,
    }),
    refetchInterval: useRefetchInterval(),
  });
}

/** Why a submission has no verdict, its account, its place and its attempts; asked for again until it has ended. */
export function useWhy(id: string, isDone: boolean) {
  return useQuery({
    queryKey: ["admin", "why", id, isDone],
    queryFn: ({ signal }) => call<Why>(`/admin/submissions/${encodeURIComponent(id)}/why`, { signal }),
    refetchInterval: isDone ? false : POLL_MS,
  });
}

export interface LogFilter {
  submission?: string;
  process?: string;
  minutes?: string;
}

/** The latest log lines of the processes on the main server. */
export function useLogs(filter: LogFilter) {
  return useQuery({
    queryKey: ["admin", "logs", filter],
    queryFn: ({ signal }) => call<Logs>(`/admin/logs?${new URLSearchParams({ ...filter })}`, { signal }),
    placeholderData: (before) => before,
  });
}

export function useAccounts(search: string, group: string) {
  return useInfiniteQuery({
    queryKey: ["admin", "accounts", search, group],
    queryFn: ({ pageParam, signal }) => {
      const filter = { ...(search ? { search } : {}), ...(group ? { group } : {}) };
      const parameters = { limit: String(ACCOUNTS_A_PAGE), ...filter };
      const query = new URLSearchParams({ ...parameters, ...(pageParam ? { after: pageParam } : {}) });
      return call<{ accounts: AccountSummary[] }>(`/admin/accounts?${query}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: ({ accounts }) => (accounts.length < ACCOUNTS_A_PAGE ? undefined : accounts.at(-1)?.name),
    select: (data) => data.pages.flatMap((page) => page.accounts),
  });
}

export function useAudit() {
  return useInfiniteQuery({
    queryKey: ["admin", "audit"],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams(pageParam ? { cursor: pageParam } : {});
      return call<{ entries: AuditEntry[]; cursor: string | null }>(`/admin/audit?${query}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
    select: (data) => data.pages.flatMap((page) => page.entries),
  });
}

export function useProblemVersions() {
  return useQuery({
    queryKey: ["admin", "problems"],
    queryFn: ({ signal }) => call<{ problems: ProblemVersion[] }>("/admin/problems", { signal }),
    select: (answer) => answer.problems,
  });
}

export function useProblemFaults(slug: string) {
  return useQuery({
    queryKey: ["admin", "problems", slug, "faults"],
    queryFn: ({ signal }) =>
      call<{ faults: ProblemFault[] }>(`/admin/problems/${encodeURIComponent(slug)}/faults`, { signal }),
    select: (answer) => answer.faults,
  });
}

/** One admin action: the call, a toast with its result, and a refetch of the admin queries. */
function useAdminAction<Input, Answer>(
  action: (input: Input) => Promise<Answer>,
  message?: (input: Input, answer: Answer) => string,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: action,
    onSuccess: (answer, input) => message && showToast(message(input, answer)),
    onError: (error) => message && showErrorToast(error),
    onSettled: () => queries.invalidateQueries({ queryKey: ["admin"] }),
  });
}

export function usePause() {
  return useAdminAction(
    ({ tier, paused }: { tier: Tier; paused: boolean }) =>
      call(`/admin/queues/${tier}`, { method: "PATCH", body: { paused } }),
    ({ tier, paused }) =>
      paused
        ? t`the ${tierName(tier)} queue is paused; new submissions wait.`
        : t`the ${tierName(tier)} queue goes on.`,
  );
}

export function useChangeMaintenance() {
  const queries = useQueryClient();
  return useAdminAction(
    async ({ mode, message }: { mode: Maintenance["mode"]; message: string }) => {
      await call("/admin/maintenance", { method: "PUT", body: { mode, message } });
      await queries.invalidateQueries({ queryKey: MAINTENANCE });
    },
    () => t`Maintenance was changed; every page shows it within a minute.`,
  );
}

export function useDrain() {
  return useAdminAction(
    (worker: string) =>
      call<{ done: string }>(`/admin/workers/${encodeURIComponent(worker)}/drain`, { method: "POST", body: {} }),
    (_, answer) => `${answer.done}.`,
  );
}

export type SubmissionAction = "requeue" | "rejudge" | "cancel" | "ignore";

function act(id: string, action: SubmissionAction): Promise<unknown> {
  if (action === "cancel") return call(`/submissions/${id}`, { method: "DELETE" });
  if (action === "ignore") return call(`/admin/submissions/${id}/ignored`, { method: "PUT", body: { ignored: true } });
  return call(`/admin/submissions/${id}/${action}`, { method: "POST", body: {} });
}

export function useSubmissionAction() {
  return useAdminAction(
    ({ id, action }: { id: string; action: SubmissionAction; before: string }) => act(id, action),
    ({ id, action, before }) => t`${actionName(action)} ${id.slice(-8)}. Before: ${before}.`,
  );
}

/** Runs an action on submissions, one after the other. The toast names the first five for which it was refused. */
export function useManySubmissionsAction() {
  return useAdminAction(
    async ({ ids, action }: { ids: readonly string[]; action: SubmissionAction }) => {
      const refused: string[] = [];
      for (const id of ids)
        await act(id, action).catch((error: Error) => refused.push(`${id.slice(-8)}: ${error.message}`));
      return refused;
    },
    ({ ids, action }, refused) =>
      [
        t`${actionName(action)}: ${ids.length - refused.length} of ${ids.length}.`,
        ...(refused.length > 0 ? [t`Refused: ${refused.slice(0, 5).join("; ")}.`] : []),
      ].join(" "),
  );
}

export interface AccountChange {
  account: AccountSummary;
  change: { tier?: Tier; role?: Role; disabled?: boolean };
  message: string;
}

export function useAccountChange() {
  return useAdminAction(
    ({ account, change }: AccountChange) => call(`/admin/accounts/${account.id}`, { method: "PATCH", body: change }),
    ({ message }) => message,
  );
}

export function useGroups() {
  return useQuery({
    queryKey: ["admin", "groups"],
    queryFn: ({ signal }) => call<{ groups: Group[] }>("/admin/groups", { signal }),
    select: (answer) => answer.groups,
  });
}

export interface BulkChange {
  accounts: string[];
  tier?: Tier;
  disabled?: boolean;
  add_group?: string;
  remove_group?: string;
  delete?: boolean;
}

export function useBulkChange() {
  return useAdminAction(
    (change: BulkChange) => call<BulkResult>("/admin/accounts/bulk", { method: "POST", body: change }),
    (_, { changed, refused }) =>
      [
        plural(changed, { one: "# account is changed.", other: "# accounts are changed." }),
        ...refused.map(({ name, reason }) => `${name}: ${reason}.`),
      ].join(" "),
  );
}

export function useImportAccounts() {
  return useAdminAction(({ file, dryRun }: { file: File; dryRun: boolean }) => {
    const form = new FormData();
    form.set("file", file);
    return call<AccountImport>(`/admin/accounts/import?dry_run=${dryRun}`, { method: "POST", form });
  });
}

/** Turns off the second factor of an account whose owner has lost the device and the codes. */
export function useRemoveSecondFactor() {
  return useAdminAction(
    (account: AccountSummary) => call(`/admin/accounts/${account.id}/second-factor`, { method: "DELETE" }),
    ({ name }) => t`The second factor of ${name} is off.`,
  );
}

export function useUnlinkIdentityOf() {
  return useAdminAction(
    ({ account, identity }: { account: AccountSummary; identity: Identity }) =>
      call(`/admin/accounts/${account.id}/identities/${identity.id}`, { method: "DELETE" }),
    ({ account, identity }) => t`${identity.title} is unlinked from ${account.name}.`,
  );
}

export function useMakeLink() {
  return useAdminAction(({ account, purpose }: { account: AccountSummary; purpose: MadeLink["purpose"] }) =>
    call<MadeLink>(`/admin/accounts/${account.id}/links`, { method: "POST", body: { purpose } }),
  );
}

export function useInvite() {
  return useAdminAction((_: undefined) =>
    call<{ invitation: string; expires_at: string }>("/admin/invitations", { method: "POST", body: {} }),
  );
}

export function useVerify() {
  return useAdminAction((slug: string) =>
    call<Verification>(`/admin/problems/${encodeURIComponent(slug)}/verify`, { method: "POST", body: {} }),
  );
}
