import { roleName, tierName } from "../lib/names";
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
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
        <h1><Trans>Accounts</Trans></h1>
        <input
          type="search"
          className="input small"
          aria-label={t`Search accounts by name`}
          placeholder={t`Search by name`}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      <QueryBoundary query={accounts} subject={t`the accounts`}>
        {(rows) => (
          <>
            {rows.length === 0 ? <EmptyState title={t`No account is called “${search}”`} /> : null}
            {rows.length > 0 ? <Table rows={rows} change={change.mutate} /> : null}
            <LoadMore paged={accounts} title={t`More accounts`} />
          </>
        )}
      </QueryBoundary>
    </>
  );
}

function Table({ rows, change }: { rows: AccountSummary[]; change: Change }) {
  return (
    <TableContainer label={t`Accounts`}>
      <table>
        <thead>
          <tr>
            <th scope="col"><Trans>Name</Trans></th>
            <th scope="col"><Trans>Tier</Trans></th>
            <th scope="col"><Trans>Role</Trans></th>
            <th scope="col"><Trans>Since</Trans></th>
            <th scope="col">
              <span className="visually-hidden"><Trans>Actions</Trans></span>
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
              <td>{account.disabled ? t`${roleName(account.role)}, disabled` : roleName(account.role)}</td>
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
  const name = tierName(tier);
  return (
    <ConfirmButton
      label={t`Make ${name}`}
      accessibleName={t`Make ${name}: ${account.name}`}
      question={t`Move ${account.name} to the ${name} tier?`}
      consequence={t`Its next submissions go to the ${name} queue. Those accepted already stay where they are.`}
      onConfirm={() => change({ account, change: { tier }, message: t`${account.name} is ${name} from now on.` })}
    />
  );
}

/** Disables or enables an account; hidden for the current account. */
function EnableOrDisable({ account, change }: ChangeProps) {
  const isMe = useCurrentAccount().data?.id === account.id;
  const { name, disabled } = account;
  if (isMe) return null;
  const message = disabled ? t`${name} is enabled.` : t`${name} is disabled.`;
  return (
    <ConfirmButton
      label={disabled ? t`Enable` : t`Disable`}
      accessibleName={disabled ? t`Enable ${name}` : t`Disable ${name}`}
      question={disabled ? t`Enable ${name}?` : t`Disable ${name}?`}
      consequence={
        disabled ? t`Its keys and sessions work again.` : t`Its keys and sessions are refused within seconds.`
      }
      onConfirm={() => change({ account, change: { disabled: !disabled }, message })}
    />
  );
}
