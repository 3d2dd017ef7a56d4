import { moment } from "../furniture/amounts";
import { ConfirmButton } from "../furniture/ConfirmButton";
import { Loading } from "../furniture/Loading";
import { Trouble } from "../furniture/Trouble";
import { TableFrame } from "../furniture/TableFrame";
import { TierBadge } from "../shell/TierBadge";
import { useAccountChange, useAccounts } from "./queries";
import type { AccountLine } from "./wire";

export function Accounts() {
  const accounts = useAccounts();
  const change = useAccountChange();
  return (
    <>
      <h1>Accounts</h1>
      {change.error ? <Trouble error={change.error} /> : null}
      {accounts.isPending ? <Loading what="the accounts" /> : null}
      {accounts.error ? (
        <Trouble error={accounts.error} what="the accounts" again={() => void accounts.refetch()} />
      ) : null}
      {accounts.data ? (
        <TableFrame label="Accounts">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Tier</th>
                <th scope="col">Role</th>
                <th scope="col">Since</th>
                <th scope="col">
                  <span className="hidden">Acts</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {accounts.data.map((account) => (
                <Line key={account.id} account={account} change={change.mutate} />
              ))}
            </tbody>
          </table>
        </TableFrame>
      ) : null}
    </>
  );
}

type Change = ReturnType<typeof useAccountChange>["mutate"];

function Line({ account, change }: { account: AccountLine; change: Change }) {
  const tier = account.tier === "premium" ? "normal" : "premium";
  return (
    <tr>
      <th scope="row">{account.name}</th>
      <td>
        <TierBadge tier={account.tier} />
      </td>
      <td>{account.disabled ? `${account.role}, disabled` : account.role}</td>
      <td>{moment(account.created_at)}</td>
      <td className="acts">
        <ConfirmButton
          label={`Make ${tier}`}
          describedAs={`Make ${tier}: ${account.name}`}
          question={`Move ${account.name} to the ${tier} tier?`}
          consequence={`Its next submissions go to the ${tier} queue. Those accepted already stay where they are.`}
          act={() => change({ id: account.id, tier })}
        />
        <ConfirmButton
          label={account.disabled ? "Enable" : "Disable"}
          describedAs={`${account.disabled ? "Enable" : "Disable"} ${account.name}`}
          question={account.disabled ? `Let ${account.name} in again?` : `Disable ${account.name}?`}
          consequence={
            account.disabled
              ? "Its keys and sessions work again."
              : "Its keys and sessions are refused at once."
          }
          act={() => change({ id: account.id, disabled: !account.disabled })}
        />
      </td>
    </tr>
  );
}
