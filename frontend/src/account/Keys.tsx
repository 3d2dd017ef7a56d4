import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatAge, formatDateTime } from "../lib/format";
import { ConfirmButton } from "../components/ConfirmButton";
import { EmptyState } from "../components/EmptyState";
import { Loading } from "../components/Loading";
import { ErrorAlert } from "../components/ErrorAlert";
import { DataTable } from "../components/DataTable";
import type { Role } from "../api/types";
import { IssueKey } from "./IssueKey";
import { scopeInWords } from "./scopes";
import { type ApiKey, useKeys, useRevokeAllKeys, useRevokeKey } from "./queries";

export function Keys({ role }: { role: Role }) {
  const keys = useKeys();
  const revoke = useRevokeKey();
  const valid = (keys.data ?? []).filter((key) => !key.revoked_at);
  return (
    <section aria-labelledby="keys-title">
      <h2 id="keys-title">
        <Trans>API keys</Trans>
      </h2>
      <p className="muted">
        <Trans>A program signs in with a key instead of your password.</Trans>
      </p>
      <IssueKey role={role} />
      {revoke.error ? <ErrorAlert error={revoke.error} /> : null}
      {keys.error ? <ErrorAlert error={keys.error} subject={t`the keys`} retry={() => void keys.refetch()} /> : null}
      {keys.isPending ? <Loading subject={t`the keys`} /> : null}
      {keys.data ? <KeyTable keys={valid} revoke={revoke.mutate} /> : null}
      {valid.length > 1 ? <RevokeAll /> : null}
    </section>
  );
}

function RevokeAll() {
  const revokeAll = useRevokeAllKeys();
  return (
    <>
      {revokeAll.error ? <ErrorAlert error={revokeAll.error} /> : null}
      <ConfirmButton
        className="button"
        disabled={revokeAll.isPending}
        label={t`Revoke all keys`}
        question={t`Revoke all keys?`}
        consequence={t`Programs that use them are refused from now on, and other browsers that signed in with one of them are signed out. The key with which this browser signed in stays valid.`}
        onConfirm={() => revokeAll.mutate()}
      />
    </>
  );
}

function KeyTable({ keys, revoke }: { keys: ApiKey[]; revoke: (id: string) => void }) {
  if (keys.length === 0) return <EmptyState title={t`No key yet`} />;
  return (
    <DataTable
      label={t`API keys`}
      rows={keys}
      rowKey={(key) => key.id}
      columns={[
        { title: t`Name`, cell: (key) => key.name, namesRow: true },
        { title: t`Begins with`, cell: (key) => <code>{key.prefix}…</code> },
        { title: t`May do`, cell: (key) => (key.scopes ? key.scopes.map(scopeInWords).join(", ") : t`everything`) },
        { title: t`Made`, cell: (key) => formatDateTime(key.created_at), cellClass: "time" },
        {
          title: t`Last used`,
          cell: (key) => (key.last_used_at ? formatAge(key.last_used_at) : t`never`),
          cellClass: "time",
        },
        { title: t`From`, cell: (key) => key.address ?? "–" },
        { title: t`Expires`, cell: (key) => (key.expires_at ? formatDateTime(key.expires_at) : t`never`) },
        {
          title: t`Actions`,
          hasHiddenTitle: true,
          cell: (key) => (
            <ConfirmButton
              label={t`Revoke`}
              accessibleName={t`Revoke ${key.name}`}
              question={t`Revoke the key “${key.name}”?`}
              consequence={t`Programs that use it are refused from now on, and browsers that signed in with it are signed out. This cannot be undone.`}
              onConfirm={() => revoke(key.id)}
            />
          ),
        },
      ]}
    />
  );
}
