import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { pathOf } from "./queries";
import type { ImportedCourse, LtiLink, LtiLinks } from "./types";

export function useLtiLinks(slug: string) {
  return useQuery({
    queryKey: ["events", slug, "lti"],
    queryFn: ({ signal }) => call<LtiLinks>(pathOf(slug, "/lti-links"), { signal }),
    refetchInterval: 10_000,
  });
}

/** Changes links or members. After the change, the shown parts of the event are read again. */
function useLtiAction<Input, Answer>(slug: string, action: (input: Input) => Promise<Answer>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: action,
    onSettled: () => queries.invalidateQueries({ queryKey: ["events", slug] }),
  });
}

export function useAddLtiLink(slug: string) {
  return useLtiAction(slug, (body: { platform: string; problem: string | null }) =>
    call<LtiLink>(pathOf(slug, "/lti-links"), { method: "POST", body }),
  );
}

export function useRemoveLtiLink(slug: string) {
  return useLtiAction(slug, (id: string) => call<undefined>(pathOf(slug, `/lti-links/${id}`), { method: "DELETE" }));
}

export function useImportCourse(slug: string) {
  return useLtiAction(slug, (id: string) =>
    call<ImportedCourse>(pathOf(slug, `/lti-placements/${id}/members`), { method: "POST", body: {} }),
  );
}
