import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, setCsrfToken } from "../api/client";
import { ApiError } from "../api/ApiError";
import type { CurrentAccount, Quota, SsoProviders } from "../api/types";
import { hasSession, setSession, takeChangeElsewhere } from "../api/session";
import { chooseLocale, chosenLocale } from "../lib/i18n";
import { tellOtherTabs } from "../lib/otherTabs";
import { forgetDrafts } from "../problem/drafts";
import { forgetWaiting } from "../problem/draftSync";

export type { CurrentAccount, Quota };

export type Credentials = { name: string; password: string; code?: string } | { key: string };

/** Whether the password was right, and the code of the second factor is missing or wrong. */
export function needsSecondFactor(error: Error | null): boolean {
  return error instanceof ApiError && error.type === "/errors/second-factor-needed";
}

const CURRENT_ACCOUNT = ["me"] as const;

/**
 * The signed-in account, or `null` without one. When its session ends, the account stays beside the error, so that the
 * page stays with what was typed on it. After signing out there is no account.
 */
export function useCurrentAccount() {
  return useQuery({
    queryKey: CURRENT_ACCOUNT,
    queryFn: ({ client }) => readCurrentAccount(Boolean(client.getQueryData(CURRENT_ACCOUNT))),
    staleTime: 60_000,
  });
}

async function readCurrentAccount(isShown: boolean): Promise<CurrentAccount | null> {
  if (!hasSession()) return null;
  const isChangedElsewhere = takeChangeElsewhere();
  try {
    const me = await call<CurrentAccount>("/me");
    if (me.csrf_token) setCsrfToken(me.csrf_token);
    if (me.locale && me.locale !== chosenLocale()) await chooseLocale(me.locale);
    return me;
  } catch (error) {
    const isRefused = error instanceof ApiError && (error.status === 401 || error.status === 403);
    if (!isRefused || (error.needsSignIn && isShown && !isChangedElsewhere)) throw error;
    return null;
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

/** Signs in. If this is the account `again`, whose session has ended, the pages keep what they show of it. */
export function useSignIn(again?: string) {
  return useSessionChange(
    (credentials: Credentials) => call<NewSession>("/session", { method: "POST", body: credentials }),
    (session) => again !== undefined && session.account?.name === again,
  );
}

export function useSignUp() {
  return useSessionChange(async (form: { name: string; password: string; invitation?: string }) => {
    await call("/accounts", { method: "POST", body: form });
    const { name, password } = form;
    return call<NewSession>("/session", { method: "POST", body: { name, password } });
  });
}

export function useSignOut() {
  return useSessionChange(async () => {
    const answer = await call<{ sign_out_url?: string } | undefined>("/session", { method: "DELETE" });
    await forgetAccount();
    // The provider of a single sign-on ends its own session on a page of its own.
    if (answer?.sign_out_url) location.assign(answer.sign_out_url);
    return {};
  });
}

/** Removes from this browser what belongs to the account that signs out: another person may use the browser next. */
export async function forgetAccount(): Promise<void> {
  forgetWaiting();
  forgetDrafts();
  await chooseLocale(null);
}

interface NewSession {
  csrf_token?: string;
  account?: { name: string };
}

/** A sign-in or sign-out; drops everything cached for the previous account, unless it is the same account. */
export function useSessionChange<Input>(
  change: (input: Input) => Promise<NewSession>,
  isSame: (session: NewSession) => boolean = () => false,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async (session) => {
      setCsrfToken(session?.csrf_token);
      setSession(Boolean(session?.csrf_token));
      tellOtherTabs("session");
      if (!isSame(session)) queries.removeQueries({ predicate: (query) => query.queryKey[0] !== CURRENT_ACCOUNT[0] });
      await queries.invalidateQueries({ queryKey: CURRENT_ACCOUNT });
    },
  });
}
