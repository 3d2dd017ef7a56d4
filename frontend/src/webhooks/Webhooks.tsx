import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { ConfirmButton } from "../components/ConfirmButton";
import { CopyButton } from "../components/CopyButton";
import { DataTable } from "../components/DataTable";
import { EmptyState } from "../components/EmptyState";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { Loading } from "../components/Loading";
import { ApiError } from "../api/ApiError";
import { formatDateTime } from "../lib/format";
import {
  type Base,
  type Delivery,
  useAddWebhook,
  useDeliveries,
  useRemoveWebhook,
  useResend,
  useTestWebhook,
  useWebhooks,
  type Webhook,
} from "./queries";

/** The webhooks of the account or of the operators, with their messages. */
export function Webhooks({ base }: { base: Base }) {
  const webhooks = useWebhooks(base);
  const [open, setOpen] = useState<string | null>(null);
  const shown = webhooks.data?.find((webhook) => webhook.id === open);
  return (
    <>
      <AddWebhook base={base} />
      {webhooks.error ? (
        <ErrorAlert error={webhooks.error} subject={t`the webhooks`} retry={() => void webhooks.refetch()} />
      ) : null}
      {webhooks.isPending ? <Loading subject={t`the webhooks`} /> : null}
      {webhooks.data?.length === 0 ? <EmptyState title={t`No webhook yet`} /> : null}
      {webhooks.data?.length ? (
        <WebhookTable base={base} webhooks={webhooks.data} open={open} setOpen={setOpen} />
      ) : null}
      {shown ? <Deliveries key={shown.id} base={base} webhook={shown} /> : null}
    </>
  );
}

function AddWebhook({ base }: { base: Base }) {
  const add = useAddWebhook(base);
  const [url, setUrl] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(url.trim(), { onSuccess: () => setUrl((now) => (now === url ? "" : now)) });
  };
  const fieldError = add.error instanceof ApiError ? add.error.fieldMessage("url") : undefined;
  const made = add.data;
  return (
    <>
      <form className="form" onSubmit={submit}>
        <Field
          label={t`Address`}
          error={fieldError}
          type="url"
          required
          placeholder={t`https://example.org/verdicts`}
          value={url}
          onChange={(event) => setUrl(event.target.value)}
        />
        <div>
          <button type="submit" className="button" disabled={add.isPending}>
            <Trans>Add a webhook</Trans>
          </button>
        </div>
      </form>
      {add.error && !fieldError ? <ErrorAlert error={add.error} /> : null}
      {made ? (
        <p role="status">
          <Trans>The secret that signs its messages, shown only now:</Trans> <code>{made.secret}</code>{" "}
          <CopyButton text={made.secret} subject={t`secret`} />
        </p>
      ) : null}
    </>
  );
}

interface TableProps {
  base: Base;
  webhooks: Webhook[];
  open: string | null;
  setOpen: (id: string | null) => void;
}

function WebhookTable({ base, webhooks, open, setOpen }: TableProps) {
  const remove = useRemoveWebhook(base);
  return (
    <>
      {remove.error ? <ErrorAlert error={remove.error} /> : null}
      <DataTable
        label={t`Webhooks`}
        rows={webhooks}
        rowKey={(webhook) => webhook.id}
        columns={[
          { title: t`Address`, cell: (webhook) => webhook.url, namesRow: true },
          { title: t`Made`, cell: (webhook) => formatDateTime(webhook.created_at), cellClass: "time" },
          {
            title: t`Actions`,
            hasHiddenTitle: true,
            cellClass: "actions",
            cell: (webhook) => (
              <>
                <button
                  type="button"
                  className="button small"
                  aria-expanded={open === webhook.id}
                  aria-label={t`Messages to ${webhook.url}`}
                  onClick={() => setOpen(open === webhook.id ? null : webhook.id)}
                >
                  <Trans>Messages</Trans>
                </button>{" "}
                <ConfirmButton
                  label={t`Remove`}
                  accessibleName={t`Remove ${webhook.url}`}
                  question={t`Remove this webhook?`}
                  consequence={t`Messages that wait to be sent to it are dropped.`}
                  onConfirm={() => remove.mutate(webhook.id)}
                />
              </>
            ),
          },
        ]}
      />
    </>
  );
}

function Deliveries({ base, webhook }: { base: Base; webhook: Webhook }) {
  const deliveries = useDeliveries(base, webhook.id);
  const resend = useResend(base, webhook.id);
  const error = resend.error ?? deliveries.error;
  const Heading = base === "/admin/webhooks" ? "h2" : "h3";
  return (
    <section aria-label={t`Messages to ${webhook.url}`}>
      <Heading>
        <Trans>Messages to {webhook.url}</Trans>
      </Heading>
      {base === "/admin/webhooks" ? <TestButton base={base} id={webhook.id} /> : null}
      {error ? <ErrorAlert error={error} /> : null}
      {deliveries.data?.length === 0 ? <EmptyState title={t`Nothing has been sent yet`} /> : null}
      {deliveries.data?.length ? (
        <DataTable
          label={t`Messages`}
          rows={deliveries.data}
          rowKey={(delivery) => delivery.id}
          columns={[
            { title: t`About`, cell: aboutInWords, namesRow: true },
            { title: t`When`, cell: (delivery) => formatDateTime(delivery.created_at), cellClass: "time" },
            { title: t`State`, cell: stateInWords },
            { title: t`Tries`, cell: (delivery) => delivery.tries, className: "number" },
            { title: t`Answer`, cell: (delivery) => delivery.reason ?? delivery.answer ?? "–" },
            {
              title: t`Actions`,
              hasHiddenTitle: true,
              cell: (delivery) => (
                <button
                  type="button"
                  className="button small"
                  disabled={resend.isPending}
                  aria-label={t`Send again: ${delivery.id}`}
                  onClick={() => resend.mutate(delivery.id)}
                >
                  <Trans>Send again</Trans>
                </button>
              ),
            },
          ]}
        />
      ) : null}
    </section>
  );
}

function TestButton({ base, id }: { base: Base; id: string }) {
  const test = useTestWebhook(base, id);
  return (
    <>
      {test.error ? <ErrorAlert error={test.error} /> : null}
      <button type="button" className="button" disabled={test.isPending} onClick={() => test.mutate("")}>
        <Trans>Send a test message</Trans>
      </button>
    </>
  );
}

function aboutInWords(delivery: Delivery): string {
  return "type" in delivery ? delivery.type : t`submission ${delivery.submission}`;
}

function stateInWords(delivery: Delivery): string {
  const names = {
    waiting: t`waits for the verdict`,
    pending: delivery.next_try_at ? t`next try ${formatDateTime(delivery.next_try_at)}` : t`to be sent`,
    delivered: t`delivered`,
    given_up: t`given up`,
  };
  return names[delivery.state];
}
