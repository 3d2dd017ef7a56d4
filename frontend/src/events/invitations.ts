import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { useSessionChange } from "../auth/queries";
import { pathOf } from "./queries";
import type { CandidateReport, FoundInvitation, Invitation, MadeInvitation } from "./types";

export function useInvitations(slug: string) {
  return useQuery({
    queryKey: ["events", slug, "invitations"],
    queryFn: ({ signal }) => call<{ invitations: Invitation[] }>(pathOf(slug, "/invitations"), { signal }),
    select: (answer) => answer.invitations,
    refetchInterval: 10_000,
  });
}

/** Changes invitations. After the change, their list is read again. */
function useInvitationAction<Input, Answer>(slug: string, action: (input: Input) => Promise<Answer>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: action,
    onSettled: () => queries.invalidateQueries({ queryKey: ["events", slug, "invitations"] }),
  });
}

export function useInvite(slug: string) {
  return useInvitationAction(
    slug,
    (body: { people: { name: string; email: string | null }[]; expires_at: string | null }) =>
      call<{ invitations: MadeInvitation[] }>(pathOf(slug, "/invitations"), { method: "POST", body }),
  );
}

export function useRenewInvitation(slug: string) {
  return useInvitationAction(slug, (id: string) =>
    call<MadeInvitation>(pathOf(slug, `/invitations/${id}/link`), { method: "POST", body: {} }),
  );
}

export function useRevokeInvitation(slug: string) {
  return useInvitationAction(slug, (id: string) =>
    call<undefined>(pathOf(slug, `/invitations/${id}`), { method: "DELETE" }),
  );
}

export function useShowReport(slug: string) {
  return useInvitationAction(slug, ({ id, shows }: { id: string; shows: boolean }) =>
    call<Invitation>(pathOf(slug, `/invitations/${id}`), { method: "PATCH", body: { shows_report: shows } }),
  );
}

/** The report about an invited person: for the jury by the invitation's id, else the person's own. */
export function useCandidateReport(slug: string, id: string | undefined) {
  return useQuery({
    queryKey: ["events", slug, "invitations", id ?? "own", "report"],
    queryFn: ({ signal }) =>
      call<CandidateReport>(pathOf(slug, id ? `/invitations/${id}/report` : "/report"), { signal }),
    refetchInterval: 10_000,
  });
}

/** The event behind a link. This request does not use the link up. */
export function useFoundInvitation(token: string) {
  return useQuery({
    queryKey: ["event-invitation", token],
    queryFn: ({ signal }) => call<FoundInvitation>("/event-invitations", { method: "POST", body: { token }, signal }),
    retry: false,
  });
}

export function useOpenInvitation() {
  return useSessionChange((token: string) =>
    call<{ csrf_token: string; event: string }>("/event-invitations/opening", { method: "POST", body: { token } }),
  );
}
