import { useDeferredValue, useState } from "react";
import { moment } from "../furniture/amounts";
import { Answered } from "../furniture/Answered";
import { ConfirmButton } from "../furniture/ConfirmButton";
import { Empty } from "../furniture/Empty";
import { MoreButton } from "../furniture/MoreButton";
import { TableFrame } from "../furniture/TableFrame";
import { useMe } from "../session/me";
import { TierBadge } from "../shell/TierBadge";
import { type AccountAct, useAccountChange, useAccounts } from "./queries";
import type { AccountLine } from "./wire";

type Change = (act: AccountAct) => void;

export function Accounts() {
  const [search, setSearch] = useState("");
  const accounts = useAccounts(useDeferredValue(search.trim()));
  const change = useAccountChange();
  return (
    <>
      <div className="page-head">
        <h1>Accounts</h1>
        <input
          type="search"
          className="input small"
          aria-label="Search accounts by name"
          placeholder="Search by name"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      <Answered asked={accounts} what="the accounts">
        {(rows) => (
          <>
            {rows.length === 0 ? <Empty title={`No account is called “${search}”`} /> : null}
            {rows.length > 0 ? <Table rows={rows} change={change.mutate} /> : null}
            <MoreButton paged={accounts} title="More accounts" />
          </>
        )}
      </Answered>
    </>
  );
}

function Table({ rows, change }: { rows: AccountLine[]; change: Change }) {
  return (
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
          {rows.map((account) => (
            <tr key={account.id}>
              <th scope="row">{account.name}</th>
              <td>
                <TierBadge tier={account.tier} />
              </td>
              <td>{account.disabled ? `${account.role}, disabled` : account.role}</td>
              <td className="when">{moment(account.created_at)}</td>
              <td className="acts">
                <TierAct account={account} change={change} />
                <DoorAct account={account} change={change} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

interface ActProps {
  account: AccountLine;
  change: Change;
}

function TierAct({ account, change }: ActProps) {
  const tier = account.tier === "premium" ? "normal" : "premium";
  return (
    <ConfirmButton
      label={`Make ${tier}`}
      describedAs={`Make ${tier}: ${account.name}`}
      question={`Move ${account.name} to the ${tier} tier?`}
      consequence={`Its next submissions go to the ${tier} queue. Those accepted already stay where they are.`}
      act={() => change({ account, change: { tier }, told: `${account.name} is ${tier} from now on.` })}
    />
  );
}

/** Lets an account out and in again; nobody shuts the own one. */
function DoorAct({ account, change }: ActProps) {
  const isMe = useMe().data?.id === account.id;
  const { name, disabled } = account;
  if (isMe) return null;
  const told = disabled ? `${name} may come in again.` : `${name} is shut out.`;
  return (
    <ConfirmButton
      label={disabled ? "Enable" : "Disable"}
      describedAs={`${disabled ? "Enable" : "Disable"} ${name}`}
      question={disabled ? `Let ${name} in again?` : `Disable ${name}?`}
      consequence={
        disabled ? "Its keys and sessions work again." : "Its keys and sessions are refused within seconds."
      }
      act={() => change({ account, change: { disabled: !disabled }, told })}
    />
  );
}
