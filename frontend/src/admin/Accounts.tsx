import { useDeferredValue, useState } from "react";
import { formatDateTime } from "../lib/format";
import { QueryBoundary } from "../components/QueryBoundary";
import { ConfirmButton } from "../components/ConfirmButton";
import { EmptyState } from "../components/EmptyState";
import { LoadMore } from "../components/LoadMore";
import { TableContainer } from "../components/TableContainer";
import { useCurrentAccount } from "../auth/queries";
import { TierBadge } from "../components/TierBadge";
import { type AccountChange, useAccountChange, useAccounts } from "./queries";
import type { AccountSummary } from "./types";

type Change = (change: AccountChange) => void;

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
      <QueryBoundary query={accounts} subject="the accounts">
        {(rows) => (
          <>
            {rows.length === 0 ? <EmptyState title={`No account is called “${search}”`} /> : null}
            {rows.length > 0 ? <Table rows={rows} change={change.mutate} /> : null}
            <LoadMore paged={accounts} title="More accounts" />
          </>
        )}
      </QueryBoundary>
    </>
  );
}

function Table({ rows, change }: { rows: AccountSummary[]; change: Change }) {
  return (
    <TableContainer label="Accounts">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Tier</th>
            <th scope="col">Role</th>
            <th scope="col">Since</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
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
              <td className="time">{formatDateTime(account.created_at)}</td>
              <td className="actions">
                <ChangeTier account={account} change={change} />
                <EnableOrDisable account={account} change={change} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableContainer>
  );
}

interface ChangeProps {
  account: AccountSummary;
  change: Change;
}

function ChangeTier({ account, change }: ChangeProps) {
  const tier = account.tier === "premium" ? "normal" : "premium";
  return (
    <ConfirmButton
      label={`Make ${tier}`}
      accessibleName={`Make ${tier}: ${account.name}`}
      question={`Move ${account.name} to the ${tier} tier?`}
      consequence={`Its next submissions go to the ${tier} queue. Those accepted already stay where they are.`}
      onConfirm={() => change({ account, change: { tier }, message: `${account.name} is ${tier} from now on.` })}
    />
  );
}

/** Disables or enables an account; hidden for the current account. */
function EnableOrDisable({ account, change }: ChangeProps) {
  const isMe = useCurrentAccount().data?.id === account.id;
  const { name, disabled } = account;
  if (isMe) return null;
  const message = disabled ? `${name} is enabled.` : `${name} is disabled.`;
  return (
    <ConfirmButton
      label={disabled ? "Enable" : "Disable"}
      accessibleName={`${disabled ? "Enable" : "Disable"} ${name}`}
      question={disabled ? `Enable ${name}?` : `Disable ${name}?`}
      consequence={
        disabled ? "Its keys and sessions work again." : "Its keys and sessions are refused within seconds."
      }
      onConfirm={() => change({ account, change: { disabled: !disabled }, message })}
    />
  );
}
