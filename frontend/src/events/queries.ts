import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/ApiError";
import { call } from "../api/client";
import type { Problem } from "../api/types";
import type {
  Balloon,
  EventList,
  EventMember,
  EventMessage,
  EventState,
  EventSubmission,
  EventTry,
  Matrix,
  MemberImport,
  Rejudging,
  RejudgingLine,
  ShadowOverview,
  SideBySidePair,
  SimilarityOverview,
  SimilarityReport,
  SimilarityReportLine,
  Standings,
} from "./types";

const REFETCH_MS = 10_000;

export function pathOf(slug: string, rest = ""): string {
  return `/events/${encodeURIComponent(slug)}${rest}`;
}

export function useEvents() {
  return useQuery({
    queryKey: ["events"],
    queryFn: ({ signal }) => call<EventList>("/events", { signal }),
    refetchInterval: 60_000,
  });
}

/** An event with the difference between the server's clock and this computer's clock. */
export interface TimedEvent extends EventState {
  /** Milliseconds to add to this computer's time. */
  clock: number;
}

export function useEvent(slug: string) {
  const queryKey = ["events", slug, "state"];
  return useQuery({
    queryKey,
    queryFn: async ({ signal, client }): Promise<TimedEvent> => {
      const asked = Date.now();
      const hadRole = (client.getQueryData<TimedEvent>(queryKey)?.role ?? "viewer") !== "viewer";
      // Visitors get an answer too. So a role that is gone may mean that the session has ended.
      const checkSession = () => hadRole && void client.invalidateQueries({ queryKey: ["me"] });
      try {
        const event = await call<EventState>(pathOf(slug, "/state"), { signal });
        if (event.role === "viewer") checkSession();
        return { ...event, clock: Date.parse(event.now) - (asked + Date.now()) / 2 };
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) checkSession();
        throw error;
      }
    },
    refetchInterval: REFETCH_MS,
  });
}

export function useEventProblem(slug: string, label: string) {
  return useQuery({
    queryKey: ["events", slug, "problems", label],
    queryFn: ({ signal }) => call<Problem>(pathOf(slug, `/problems/${encodeURIComponent(label)}`), { signal }),
    staleTime: 60_000,
  });
}

/** The standings; asked for again and again unless the stream writes them. */
export function useStandings(slug: string, isPublic: boolean, isLive: boolean) {
  return useQuery({
    queryKey: ["events", slug, "standings", isPublic],
    queryFn: ({ signal }) => call<Standings>(pathOf(slug, `/standings?public=${isPublic}`), { signal }),
    refetchInterval: isLive ? false : REFETCH_MS,
  });
}

export function useTries(slug: string, enabled: boolean) {
  return useQuery({
    queryKey: ["events", slug, "tries"],
    queryFn: ({ signal }) => call<{ submissions: EventTry[] }>(pathOf(slug, "/tries"), { signal }),
    select: (answer) => answer.submissions,
    refetchInterval: REFETCH_MS,
    enabled,
  });
}

export function useMessages(slug: string, enabled: boolean) {
  return useQuery({
    queryKey: ["events", slug, "messages"],
    queryFn: ({ signal }) => call<{ messages: EventMessage[] }>(pathOf(slug, "/messages"), { signal }),
    select: (answer) => answer.messages,
    refetchInterval: REFETCH_MS,
    enabled,
  });
}

export function useEventMembers(slug: string) {
  return useQuery({
    queryKey: ["events", slug, "members"],
    queryFn: ({ signal }) => call<{ members: EventMember[] }>(pathOf(slug, "/members"), { signal }),
    select: (answer) => answer.members,
  });
}

export function useEventSubmissions(slug: string) {
  return useInfiniteQuery({
    queryKey: ["events", slug, "submissions"],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams(pageParam ? { cursor: pageParam } : {});
      return call<{ submissions: EventSubmission[]; cursor: string | null }>(pathOf(slug, `/submissions?${query}`), {
        signal,
      });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
    select: (data) => data.pages.flatMap((page) => page.submissions),
    refetchInterval: REFETCH_MS,
  });
}

/** Changes an event. After the change, the shown parts of all events are read again. */
function useEventAction<Input, Answer = unknown>(action: (input: Input) => Promise<Answer>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: action,
    onSettled: () => queries.invalidateQueries({ queryKey: ["events"] }),
  });
}

export function useJoin() {
  return useEventAction(({ slug, password }: { slug: string; password: string }) =>
    call<{ done: string }>(pathOf(slug, "/join"), { method: "POST", body: password ? { password } : {} }),
  );
}

export function useStart(slug: string) {
  return useEventAction((_: undefined) => call(pathOf(slug, "/start"), { method: "POST", body: {} }));
}

export function useToken(slug: string) {
  return useEventAction((id: string) => call(pathOf(slug, `/tokens/${id}`), { method: "PUT" }));
}

export function useAsk(slug: string) {
  return useEventAction((body: { question: string; problem?: string }) =>
    call<EventMessage>(pathOf(slug, "/messages"), { method: "POST", body }),
  );
}

export function useAnnounce(slug: string) {
  return useEventAction((text: string) =>
    call<EventMessage>(pathOf(slug, "/announcements"), { method: "POST", body: { text } }),
  );
}

export function useAnswer(slug: string) {
  return useEventAction(
    ({ id, toAll, ...body }: { id: string; answer: string; toAll: boolean; replaces: string | null }) =>
      call(pathOf(slug, `/messages/${id}/answer`), { method: "PUT", body: { ...body, to_all: toAll } }),
  );
}

export interface EventFields {
  slug?: string;
  title?: string;
  starts_at?: string;
  ends_at?: string;
  visibility?: string;
  joining?: string;
  password?: string;
  rules?: Record<string, unknown>;
  service_class?: string;
  problems?: { slug: string; label?: string; weight?: number; colour?: string | null; withdrawn?: boolean }[];
}

export function useCreateEvent() {
  return useEventAction((body: EventFields) => call<EventState>("/events", { method: "POST", body }));
}

export function useChangeEvent(slug: string) {
  return useEventAction((body: EventFields) => call<EventState>(pathOf(slug), { method: "PATCH", body }));
}

export function useThaw(slug: string) {
  return useEventAction((thawed: boolean) => call(pathOf(slug, "/freeze"), { method: "PUT", body: { thawed } }));
}

export function useDisqualify(slug: string) {
  return useEventAction(({ id, ...body }: { id: string; reason: string | null; replaces: string | null }) =>
    call(pathOf(slug, `/submissions/${id}/disqualification`), { method: "PUT", body }),
  );
}

export function useAddMembers(slug: string) {
  return useEventAction((body: { members?: { accounts: string[]; name?: string }[]; groups?: string[] }) =>
    call<MemberImport>(pathOf(slug, "/members"), { method: "POST", body }),
  );
}

export function useImportMembers(slug: string) {
  return useEventAction((file: File) => {
    const form = new FormData();
    form.set("file", file);
    return call<MemberImport>(pathOf(slug, "/members/import"), { method: "POST", form });
  });
}

export function useChangeMember(slug: string) {
  return useEventAction(({ id, ...change }: { id: string; extension_minutes?: number; disabled?: boolean }) =>
    call<EventMember>(pathOf(slug, `/members/${id}`), { method: "PATCH", body: change }),
  );
}

export function useExtend(slug: string) {
  return useEventAction((minutes: number) =>
    call<EventState>(pathOf(slug, "/extension"), { method: "POST", body: { minutes } }),
  );
}

export function usePause(slug: string) {
  return useEventAction((paused: boolean) =>
    call<EventState>(pathOf(slug, "/pause"), { method: "PUT", body: { paused } }),
  );
}

export function useRejudgings(slug: string) {
  return useQuery({
    queryKey: ["events", slug, "rejudgings"],
    queryFn: ({ signal }) => call<{ rejudgings: RejudgingLine[] }>(pathOf(slug, "/rejudgings"), { signal }),
    select: (answer) => answer.rejudgings,
    // It takes long to begin a large rejudging. A proxy may end that request before the answer comes.
    refetchInterval: REFETCH_MS,
  });
}

export function useRejudging(slug: string, id: string) {
  return useQuery({
    queryKey: ["events", slug, "rejudgings", id],
    queryFn: ({ signal }) => call<Rejudging>(pathOf(slug, `/rejudgings/${id}`), { signal }),
    refetchInterval: (query) => (query.state.data?.state === "preview" ? 3_000 : false),
  });
}

export function useBeginRejudging(slug: string) {
  return useEventAction((body: { reason: string; problem?: string }) =>
    call<Rejudging>(pathOf(slug, "/rejudgings"), { method: "POST", body }),
  );
}

export function useApplyRejudging(slug: string) {
  return useEventAction((id: string) =>
    call<{ done: string }>(pathOf(slug, `/rejudgings/${id}/application`), { method: "POST" }),
  );
}

export function useCancelRejudging(slug: string) {
  return useEventAction((id: string) => call(pathOf(slug, `/rejudgings/${id}`), { method: "DELETE" }));
}

const UNFINISHED = new Set(["queued", "running"]);

export function useSimilarities(slug: string) {
  return useQuery({
    queryKey: ["events", slug, "similarity"],
    queryFn: ({ signal }) => call<SimilarityOverview>(pathOf(slug, "/similarity"), { signal }),
    refetchInterval: (query) =>
      query.state.data?.reports.some((each) => UNFINISHED.has(each.state)) ? 2_000 : REFETCH_MS,
  });
}

export function useSimilarity(slug: string, id: string) {
  return useQuery({
    queryKey: ["events", slug, "similarity", id],
    queryFn: ({ signal }) => call<SimilarityReport>(pathOf(slug, `/similarity/${id}`), { signal }),
    refetchInterval: (query) => (UNFINISHED.has(query.state.data?.state ?? "") ? 2_000 : false),
  });
}

export function useSimilarPair(slug: string, report: string, number: number) {
  return useQuery({
    queryKey: ["events", slug, "similarity", report, number],
    queryFn: ({ signal }) => call<SideBySidePair>(pathOf(slug, `/similarity/${report}/pairs/${number}`), { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useBeginSimilarity(slug: string) {
  return useEventAction((body: { earlier: string[]; least_percent: number }) =>
    call<SimilarityReportLine>(pathOf(slug, "/similarity"), { method: "POST", body }),
  );
}

export function useEndSimilarity(slug: string) {
  return useEventAction((id: string) => call(pathOf(slug, `/similarity/${id}`), { method: "DELETE" }));
}

export function useShadow(slug: string) {
  return useQuery({
    queryKey: ["events", slug, "shadow"],
    queryFn: ({ signal }) => call<ShadowOverview>(pathOf(slug, "/shadow"), { signal }),
    refetchInterval: (query) => (query.state.data?.contest?.state === "following" ? 5_000 : false),
  });
}

export function useFollow(slug: string) {
  return useEventAction(
    (body: { url: string; user: string | null; secret: string | null; languages: Record<string, string> }) =>
      call<ShadowOverview>(pathOf(slug, "/shadow"), { method: "PUT", body }),
  );
}

export function useStopFollowing(slug: string) {
  return useEventAction((_: undefined) => call(pathOf(slug, "/shadow"), { method: "DELETE" }));
}

export function useReview(slug: string) {
  return useEventAction(({ id, ...body }: { id: string; looked_at: boolean; note: string | null }) =>
    call<{ done: string }>(pathOf(slug, `/shadow/submissions/${encodeURIComponent(id)}/review`), {
      method: "PUT",
      body,
    }),
  );
}

export function useBalloons(slug: string) {
  return useQuery({
    queryKey: ["events", slug, "balloons"],
    queryFn: ({ signal }) => call<{ balloons: Balloon[] }>(pathOf(slug, "/balloons"), { signal }),
    select: (answer) => answer.balloons,
    refetchInterval: REFETCH_MS,
  });
}

export function useMatrix(slug: string) {
  return useQuery({
    queryKey: ["events", slug, "results"],
    queryFn: ({ signal }) => call<Matrix>(pathOf(slug, "/results"), { signal }),
    refetchInterval: REFETCH_MS,
  });
}

/** One member's submissions, newest first. */
export function useHistory(slug: string, member: string) {
  return useQuery({
    queryKey: ["events", slug, "members", member, "submissions"],
    queryFn: ({ signal }) =>
      call<{ submissions: EventSubmission[] }>(pathOf(slug, `/members/${member}/submissions`), { signal }),
    select: (answer) => answer.submissions,
    refetchInterval: REFETCH_MS,
  });
}

export function useDeliver(slug: string) {
  return useEventAction(({ balloon, delivered }: { balloon: Balloon; delivered: boolean }) =>
    call(pathOf(slug, `/balloons/${balloon.member}/${encodeURIComponent(balloon.problem)}`), {
      method: "PUT",
      body: { delivered },
    }),
  );
}
