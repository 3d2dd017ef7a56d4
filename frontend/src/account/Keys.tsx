import { ago, moment } from "../furniture/amounts";
import { ConfirmButton } from "../furniture/ConfirmButton";
import { Empty } from "../furniture/Empty";
import { Loading } from "../furniture/Loading";
import { Trouble } from "../furniture/Trouble";
import { TableFrame } from "../furniture/TableFrame";
import { IssueKey } from "./IssueKey";
import { type ApiKey, useKeys, useRevokeKey } from "./queries";

export function Keys() {
  const keys = useKeys();
  const revoke = useRevokeKey();
  return (
    <section aria-labelledby="keys-title">
      <h2 id="keys-title">API keys</h2>
      <p className="faint">A program signs in with a key instead of your password.</p>
      <IssueKey />
      {revoke.error ? <Trouble error={revoke.error} /> : null}
      {keys.error ? <Trouble error={keys.error} what="the keys" again={() => void keys.refetch()} /> : null}
      {keys.isPending ? <Loading what="the keys" /> : null}
      {keys.data ? (
        <KeyTable keys={keys.data.filter((key) => !key.revoked_at)} revoke={revoke.mutate} />
      ) : null}
    </section>
  );
}

function KeyTable({ keys, revoke }: { keys: ApiKey[]; revoke: (id: string) => void }) {
  if (keys.length === 0) return <Empty title="No key yet" />;
  return (
    <TableFrame label="API keys">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Begins with</th>
            <th scope="col">Made</th>
            <th scope="col">Last used</th>
            <th scope="col">Expires</th>
            <th scope="col">
              <span className="hidden">Acts</span>
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
              <td className="when">{moment(key.created_at)}</td>
              <td className="when">{key.last_used_at ? ago(key.last_used_at) : "never"}</td>
              <td>{key.expires_at ? moment(key.expires_at) : "never"}</td>
              <td>
                <ConfirmButton
                  label="Revoke"
                  describedAs={`Revoke ${key.name}`}
                  question={`Revoke the key “${key.name}”?`}
                  consequence="Programs that use it are refused from now on. This cannot be undone."
                  act={() => revoke(key.id)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
