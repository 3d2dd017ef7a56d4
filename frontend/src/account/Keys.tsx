import { formatAge, formatDateTime } from "../lib/format";
import { ConfirmButton } from "../components/ConfirmButton";
import { EmptyState } from "../components/EmptyState";
import { Loading } from "../components/Loading";
import { ErrorAlert } from "../components/ErrorAlert";
import { TableContainer } from "../components/TableContainer";
import { IssueKey } from "./IssueKey";
import { type ApiKey, useKeys, useRevokeKey } from "./queries";

export function Keys() {
  const keys = useKeys();
  const revoke = useRevokeKey();
  return (
    <section aria-labelledby="keys-title">
      <h2 id="keys-title">API keys</h2>
      <p className="muted">A program signs in with a key instead of your password.</p>
      <IssueKey />
      {revoke.error ? <ErrorAlert error={revoke.error} /> : null}
      {keys.error ? <ErrorAlert error={keys.error} subject="the keys" retry={() => void keys.refetch()} /> : null}
      {keys.isPending ? <Loading subject="the keys" /> : null}
      {keys.data ? (
        <KeyTable keys={keys.data.filter((key) => !key.revoked_at)} revoke={revoke.mutate} />
      ) : null}
    </section>
  );
}

function KeyTable({ keys, revoke }: { keys: ApiKey[]; revoke: (id: string) => void }) {
  if (keys.length === 0) return <EmptyState title="No key yet" />;
  return (
    <TableContainer label="API keys">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Begins with</th>
            <th scope="col">Made</th>
            <th scope="col">Last used</th>
            <th scope="col">Expires</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <th scope="row">{key.name}</th>
              <td>
                <code>{key.prefix}…</code>
              </td>
              <td className="time">{formatDateTime(key.created_at)}</td>
              <td className="time">{key.last_used_at ? formatAge(key.last_used_at) : "never"}</td>
              <td>{key.expires_at ? formatDateTime(key.expires_at) : "never"}</td>
              <td>
                <ConfirmButton
                  label="Revoke"
                  accessibleName={`Revoke ${key.name}`}
                  question={`Revoke the key “${key.name}”?`}
                  consequence="Programs that use it are refused from now on. This cannot be undone."
                  onConfirm={() => revoke(key.id)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableContainer>
  );
}
