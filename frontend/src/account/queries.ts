import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { useSessionChange } from "../auth/queries";

export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
  revoked_at: string | null;
}

/** A new key; only this response contains its secret. */
export interface NewKey {
  id: string;
  key: string;
}

/** A session of a browser; `made_from` is the key that was signed in with. */
export interface Session {
  id: string;
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
  made_from: { id: string; name: string } | null;
  current: boolean;
}

const SESSIONS = ["sessions"] as const;
const KEYS = ["keys"] as const;

export function useKeys() {
  return useQuery({
    queryKey: KEYS,
    queryFn: async ({ signal }) => {
      const answer = await call<{ keys: ApiKey[] } | ApiKey[]>("/me/keys", { signal });
      return Array.isArray(answer) ? answer : answer.keys;
    },
  });
}

export function useIssueKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => call<NewKey>("/me/keys", { method: "POST", body: { name } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEYS }),
  });
}

export function useRevokeKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call(`/me/keys/${encodeURIComponent(id)}`, { method: "DELETE" }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: KEYS });
      await queries.invalidateQueries({ queryKey: SESSIONS }); // sessions end with their key
    },
  });
}

export function useSessions() {
  return useQuery({
    queryKey: SESSIONS,
    queryFn: async ({ signal }) => (await call<{ sessions: Session[] }>("/me/sessions", { signal })).sessions,
  });
}

export function useEndSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call(`/me/sessions/${encodeURIComponent(id)}`, { method: "DELETE" }),
    onSuccess: () => queries.invalidateQueries({ queryKey: SESSIONS }),
  });
}

/** Signs out everywhere: ends every session of the account. */
export function useEndAllSessions() {
  return useSessionChange(async () => {
    await call("/me/sessions", { method: "DELETE" });
    return {};
  });
}
