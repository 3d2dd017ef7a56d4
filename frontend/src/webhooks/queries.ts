import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import type { AccountDelivery, NewWebhook, OperatorMessage, Webhook } from "../api/types";

export type { Webhook };
/** A message of an account's webhook has a submission. A message of an operators' webhook has a type. */
export type Delivery = AccountDelivery | OperatorMessage;
/** The API's path of the webhooks of the account, or of the operators' webhooks. */
export type Base = "/me/webhooks" | "/admin/webhooks";

export function useWebhooks(base: Base) {
  return useQuery({
    queryKey: [base],
    queryFn: async ({ signal }) => (await call<{ webhooks: Webhook[] }>(base, { signal })).webhooks,
  });
}

export function useAddWebhook(base: Base) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (url: string) => call<NewWebhook>(base, { method: "POST", body: { url } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [base] }),
  });
}

export function useRemoveWebhook(base: Base) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call(`${base}/${encodeURIComponent(id)}`, { method: "DELETE" }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [base] }),
  });
}

const REFRESH_MS = 5000;

export function useDeliveries(base: Base, id: string) {
  return useQuery({
    queryKey: [base, id],
    queryFn: async ({ signal }) =>
      (await call<{ deliveries: Delivery[] }>(`${base}/${encodeURIComponent(id)}/deliveries`, { signal })).deliveries,
    refetchInterval: REFRESH_MS,
  });
}

/** Sends a message once more. */
export function useResend(base: Base, id: string) {
  return useWebhookPost(base, id, (delivery: string) => `deliveries/${encodeURIComponent(delivery)}/resend`);
}

/** Sends a message that says nothing, to see whether it arrives. */
export function useTestWebhook(base: Base, id: string) {
  return useWebhookPost(base, id, () => "test");
}

function useWebhookPost(base: Base, id: string, path: (delivery: string) => string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (delivery: string) => {
      await call(`${base}/${encodeURIComponent(id)}/${path(delivery)}`, { method: "POST" });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: [base, id] }),
  });
}
