import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, rememberCsrfToken } from "../wire/client";
import { Problem } from "../wire/problem";
import type { Role, Tier } from "../wire/types";

export interface Me {
  id: string;
  name: string;
  tier: Tier;
  role: Role;
  created_at?: string;
  quota: Quota;
  csrf_token?: string | null;
}

/** What the tier allows; `null` where nobody counts. */
export interface Quota {
  unfinished: number;
  unfinished_now: number;
  source_bytes: number;
  per_minute: number | null;
  per_day: number | null;
  per_minute_left: number | null;
  per_day_left: number | null;
}

export type Credentials = { name: string; password: string } | { key: string };

const ME = ["me"] as const;

/** Who is signed in: an account, or `null` for nobody. */
export function useMe() {
  return useQuery({ queryKey: ME, queryFn: readMe, staleTime: 60_000 });
}

async function readMe(): Promise<Me | null> {
  try {
    const me = await call<Me>("/me");
    if (me.csrf_token) rememberCsrfToken(me.csrf_token);
    return me;
  } catch (error) {
    if (error instanceof Problem && (error.status === 401 || error.status === 403)) return null;
    throw error;
  }
}

export function useSignIn() {
  return useSessionChange((credentials: Credentials) =>
    call<{ csrf_token?: string }>("/session", { method: "POST", body: credentials }),
  );
}

export function useSignUp() {
  return useSessionChange(async (form: { name: string; password: string; invitation?: string }) => {
    await call("/accounts", { method: "POST", body: form });
    const { name, password } = form;
    return call<{ csrf_token?: string }>("/session", { method: "POST", body: { name, password } });
  });
}

export function useSignOut() {
  return useSessionChange(async () => {
    await call("/session", { method: "DELETE" });
    return {};
  });
}

/** A change of person: everything that was read for the one before is forgotten. */
function useSessionChange<Input>(change: (input: Input) => Promise<{ csrf_token?: string }>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async (session) => {
      rememberCsrfToken(session?.csrf_token);
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== ME[0] });
      await queries.invalidateQueries({ queryKey: ME });
    },
  });
}
