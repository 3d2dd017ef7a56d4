import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import type { ApiKey, Identity, NewKey, OneTimeLink, Session } from "../api/types";
import { forgetAccount, useSessionChange } from "../auth/queries";
import { chooseLocale } from "../lib/i18n";
import type { Scope } from "./scopes";

export type { ApiKey, OneTimeLink, Session };

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
    mutationFn: (body: { name: string; scopes?: Scope[]; expires_at?: string }) =>
      call<NewKey>("/me/keys", { method: "POST", body }),
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

/** Revokes every key but the one by which this browser is signed in. */
export function useRevokeAllKeys() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call("/me/keys", { method: "DELETE" }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: KEYS });
      await queries.invalidateQueries({ queryKey: SESSIONS });
    },
  });
}

/** Sets the language of the pages for the account and for this browser; `null` is the browser's language. */
export function useSetLocale() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (locale: string | null) => call("/me/locale", { method: "PUT", body: { locale } }),
    onSuccess: async (_, locale) => {
      await queries.invalidateQueries({ queryKey: ["me"] });
      await chooseLocale(locale);
    },
  });
}

export function useSetNoticeMails() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (on: boolean) => call("/me/notice-mails", { method: "PUT", body: { on } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["me"] }),
  });
}

const IDENTITIES = ["identities"] as const;

/** The other servers by which one may sign in to this account. */
export function useIdentities() {
  return useQuery({
    queryKey: IDENTITIES,
    queryFn: async ({ signal }) => (await call<{ identities: Identity[] }>("/me/identities", { signal })).identities,
  });
}

/** Leaves the page for the provider, which sends the browser back. */
export function useLinkIdentity() {
  return useMutation({
    mutationFn: (body: { provider: string; current_password?: string }) =>
      call<{ authorization_url: string }>("/me/identities", { method: "POST", body }),
    onSuccess: (begun) => location.assign(begun.authorization_url),
  });
}

export function useUnlinkIdentity() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call(`/me/identities/${encodeURIComponent(id)}`, { method: "DELETE" }),
    onSuccess: () => queries.invalidateQueries({ queryKey: IDENTITIES }),
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
    await forgetAccount();
    return {};
  });
}

export function useChangePassword() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { new_password: string; current_password?: string }) =>
      call("/me/password", { method: "PUT", body }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: SESSIONS });
      await queries.invalidateQueries({ queryKey: ["me"] });
    },
  });
}

export function useOneTimeLink(token: string) {
  return useQuery({
    queryKey: ["link", token],
    queryFn: () => call<OneTimeLink>("/links", { method: "POST", body: { token: token || "-" } }),
    staleTime: Infinity,
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
  });
}

/** Sets the password by a one-time link, then signs in with the new password. */
export function useResetPassword() {
  return useSessionChange(async ({ token, name, password }: { token: string; name: string; password: string }) => {
    await call("/password-resets", { method: "POST", body: { token, new_password: password } });
    return call<{ csrf_token?: string }>("/session", { method: "POST", body: { name, password } });
  });
}

export function useSignInByLink() {
  return useSessionChange((body: { link: string; code?: string }) =>
    call<{ csrf_token?: string }>("/session", { method: "POST", body }),
  );
}

export function useRequestDeletion() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { current_password?: string }) => call("/me/deletion", { method: "POST", body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["me"] }),
  });
}

/** Takes the request for deletion back. */
export function useKeepAccount() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call("/me/deletion", { method: "DELETE" }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["me"] }),
  });
}

export function useSetEmail() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { email: string | null; current_password?: string }) =>
      call<{ sent: boolean }>("/me/email", { method: "PUT", body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["me"] }),
  });
}

export function useSendVerification() {
  return useMutation({ mutationFn: () => call("/me/email/verification", { method: "POST", body: {} }) });
}

export function useVerifyEmail() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => call("/email-verifications", { method: "POST", body: { token } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["me"] }),
  });
}

/** Sends a link to set a new password to this address, if an account has it. */
export function useSendReset() {
  return useMutation({
    mutationFn: (email: string) => call("/password-resets/mail", { method: "POST", body: { email } }),
  });
}

const SECOND_FACTOR = ["second-factor"] as const;

export function useSecondFactor() {
  return useQuery({
    queryKey: SECOND_FACTOR,
    queryFn: ({ signal }) =>
      call<{ enabled: boolean; required: boolean; recovery_codes_left: number }>("/me/second-factor", { signal }),
  });
}

export function useBeginSecondFactor() {
  return useMutation({
    mutationFn: (body: { current_password?: string }) =>
      call<{ secret: string; uri: string; qr: string }>("/me/second-factor", { method: "POST", body }),
  });
}

export function useConfirmSecondFactor() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (code: string) =>
      call<{ recovery_codes: string[] }>("/me/second-factor/confirmation", { method: "POST", body: { code } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: SECOND_FACTOR });
      await queries.invalidateQueries({ queryKey: SESSIONS });
    },
  });
}

export function useTurnOffSecondFactor() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => call("/me/second-factor/removal", { method: "POST", body: { code } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: SECOND_FACTOR }),
  });
}

/** Make new recovery codes. The earlier codes stop working. */
export function useRenewRecoveryCodes() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (code: string) =>
      call<{ recovery_codes: string[] }>("/me/second-factor/recovery-codes", { method: "POST", body: { code } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: SECOND_FACTOR }),
  });
}
