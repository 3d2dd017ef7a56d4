import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { FormEvent } from "react";
import { ApiError } from "../api/ApiError";
import type { Identity, SsoProvider } from "../api/types";
import { type CurrentAccount, useSsoProviders } from "../auth/queries";
import { ConfirmButton } from "../components/ConfirmButton";
import { DataTable } from "../components/DataTable";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { formatAge, formatDateTime } from "../lib/format";
import { useIdentities, useLinkIdentity, useUnlinkIdentity } from "./queries";

/** The other servers by which one may sign in to this account. Hidden if there are none. */
export function SingleSignOn({ me }: { me: CurrentAccount }) {
  const providers = useSsoProviders().data?.providers ?? [];
  const identities = useIdentities();
  const unlink = useUnlinkIdentity();
  const linked = identities.data ?? [];
  if (providers.length === 0 && linked.length === 0) return null;
  const others = providers.filter((provider) => !linked.some((one) => one.provider === provider.name));
  return (
    <section aria-labelledby="sso-title">
      <h2 id="sso-title">
        <Trans>Single sign-on</Trans>
      </h2>
      <p className="muted">
        <Trans>Other servers by which you may sign in to this account.</Trans>
      </p>
      {identities.error ? <ErrorAlert error={identities.error} subject={t`the linked servers`} /> : null}
      {unlink.error ? <ErrorAlert error={unlink.error} /> : null}
      {linked.length > 0 ? <IdentityTable identities={linked} unlink={unlink.mutate} /> : null}
      {others.map((provider) => (
        <LinkForm key={provider.name} provider={provider} me={me} />
      ))}
    </section>
  );
}

function IdentityTable({ identities, unlink }: { identities: Identity[]; unlink: (id: string) => void }) {
  return (
    <DataTable
      label={t`Single sign-on`}
      rows={identities}
      rowKey={(one) => one.id}
      columns={[
        { title: t`Server`, cell: (one) => one.title, namesRow: true },
        { title: t`Linked`, cell: (one) => formatDateTime(one.created_at), cellClass: "time" },
        {
          title: t`Last used`,
          cell: (one) => (one.last_used_at ? formatAge(one.last_used_at) : t`never`),
          cellClass: "time",
        },
        {
          title: t`Actions`,
          hasHiddenTitle: true,
          cell: (one) => (
            <ConfirmButton
              label={t`Unlink`}
              accessibleName={t`Unlink ${one.title}`}
              question={t`Unlink ${one.title}?`}
              consequence={t`You can no longer sign in to this account with it. A later sign-in with it may make another account.`}
              onConfirm={() => unlink(one.id)}
            />
          ),
        },
      ]}
    />
  );
}

function LinkForm({ provider, me }: { provider: SsoProvider; me: CurrentAccount }) {
  const link = useLinkIdentity();
  const refused = link.error instanceof ApiError ? link.error : null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password") ?? "");
    link.mutate({ provider: provider.name, ...(me.has_password ? { current_password: password } : {}) });
  };
  return (
    <form className="form account-form" onSubmit={submit}>
      {me.has_password ? (
        <Field
          label={t`Your password, to link ${provider.title}`}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          error={refused?.fieldMessage("current_password")}
        />
      ) : null}
      {link.error && !refused?.fieldErrors.length ? <ErrorAlert error={link.error} /> : null}
      <div>
        <button type="submit" className="button" disabled={link.isPending}>
          <Trans>Link {provider.title}</Trans>
        </button>
      </div>
    </form>
  );
}
