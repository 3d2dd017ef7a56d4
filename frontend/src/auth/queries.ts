import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, setCsrfToken } from "../api/client";
import { ApiError } from "../api/ApiError";
import type { CurrentAccount, Quota, SsoProviders } from "../api/types";

export type { CurrentAccount, Quota };

export type Credentials = { name: string; password: string; code?: string } | { key: string };

/** Whether the password was right, and the code of the second factor is missing or wrong. */
export function needsSecondFactor(error: Error | null): boolean {
  return error instanceof ApiError && error.type === "/errors/second-factor-needed";
}

const CURRENT_ACCOUNT = ["me"] as const;

/** The signed-in account, or `null` without one. */
export function useCurrentAccount() {
  return useQuery({ queryKey: CURRENT_ACCOUNT, queryFn: readCurrentAccount, staleTime: 60_000 });
}

async function readCurrentAccount(): Promise<CurrentAccount | null> {
  try {
    const me = await call<CurrentAccount>("/me");
    if (me.csrf_token) setCsrfToken(me.csrf_token);
    return me;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return null;
    throw error;
  }
}

/** The ways to sign in by other servers, and how accounts are made here. */
export function useSsoProviders() {
  return useQuery({
    queryKey: ["sso"],
    queryFn: ({ signal }) => call<SsoProviders>("/sso", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
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
    const answer = await call<{ sign_out_url?: string } | undefined>("/session", { method: "DELETE" });
    // The provider of a single sign-on ends its own session on a page of its own.
    if (answer?.sign_out_url) location.assign(answer.sign_out_url);
    return {};
  });
}

/** A sign-in or sign-out; drops everything cached for the previous account. */
export function useSessionChange<Input>(change: (input: Input) => Promise<{ csrf_token?: string }>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async (session) => {
      setCsrfToken(session?.csrf_token);
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== CURRENT_ACCOUNT[0] });
      await queries.invalidateQueries({ queryKey: CURRENT_ACCOUNT });
    },
  });
}
