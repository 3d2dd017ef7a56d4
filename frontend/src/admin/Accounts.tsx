import { roleName, tierName } from "../lib/names";
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useDeferredValue, useRef, useState } from "react";
import { formatDateTime } from "../lib/format";
import { QueryBoundary } from "../components/QueryBoundary";
import { ConfirmButton } from "../components/ConfirmButton";
import { ConfirmDialog } from "../components/ConfirmDialog";
import { EmptyState } from "../components/EmptyState";
import { LoadMore } from "../components/LoadMore";
import { DataTable } from "../components/DataTable";
import { useCurrentAccount } from "../auth/queries";
import { TierBadge } from "../components/TierBadge";
import { NewLink } from "./AccountLinks";
import { BulkActions } from "./BulkActions";
import {
  type AccountChange,
  useAccountChange,
  useAccounts,
  useGroups,
  useMakeLink,
  useRemoveSecondFactor,
  useTiers,
  useUnlinkIdentityOf,
} from "./queries";
import type { AccountSummary } from "./types";
import { SearchField } from "../components/SearchField";
import { Select } from "../components/Select";
import type { Identity, MadeLink, Role } from "../api/types";

type Change = (change: AccountChange) => void;
type MakeLink = (link: { account: AccountSummary; purpose: MadeLink["purpose"] }) => void;

export function Accounts() {
  const [search, setSearch] = useState("");
  const [group, setGroup] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const accounts = useAccounts(useDeferredValue(search.trim()), group);
  const groups = useGroups().data ?? [];
  const change = useAccountChange();
  const links = useMakeLink();
  return (
    <>
      <div className="page-head">
        <h1>
          <Trans>Accounts</Trans>
        </h1>
        {groups.length > 0 ? (
          <Select label={t`Group`} value={group} choose={setGroup} options={groups.map(({ name }) => [name, name])} />
        ) : null}
        <SearchField
          label={t`Search accounts by name`}
          placeholder={t`Search by name`}
          value={search}
          search={setSearch}
        />
      </div>
      <BulkActions chosen={chosen} listed={accounts.data} clear={() => setChosen(new Set())} />
      <NewLink link={links.data} account={links.variables?.account} error={links.error} />
      <QueryBoundary query={accounts} subject={t`the accounts`}>
        {(rows) => (
          <>
            {rows.length === 0 ? <EmptyState title={t`No account is called “${search}”`} /> : null}
            {rows.length > 0 ? (
              <Table rows={rows} change={change.mutate} makeLink={links.mutate} chosen={chosen} choose={setChosen} />
            ) : null}
            <LoadMore paged={accounts} title={t`More accounts`} />
          </>
        )}
      </QueryBoundary>
    </>
  );
}

interface TableProps {
  rows: AccountSummary[];
  change: Change;
  makeLink: MakeLink;
  chosen: ReadonlySet<string>;
  choose: (ids: ReadonlySet<string>) => void;
}

function Table({ rows, change, makeLink, chosen, choose }: TableProps) {
  const toggle = (ids: string[], on: boolean) => {
    const next = new Set(chosen);
    for (const id of ids) on ? next.add(id) : next.delete(id);
    choose(next);
  };
  return (
    <DataTable
      label={t`Accounts`}
      rows={rows}
      rowKey={(account) => account.id}
      columns={[
        {
          title: (
            <input
              type="checkbox"
              aria-label={t`Choose all that are shown`}
              checked={rows.every(({ id }) => chosen.has(id))}
              onChange={(event) =>
                toggle(
                  rows.map(({ id }) => id),
                  event.target.checked,
                )
              }
            />
          ),
          cell: (account) => (
            <input
              type="checkbox"
              aria-label={t`Choose ${account.name}`}
              checked={chosen.has(account.id)}
              onChange={(event) => toggle([account.id], event.target.checked)}
            />
          ),
        },
        { title: t`Name`, cell: (account) => <Name account={account} />, namesRow: true },
        { title: t`Tier`, cell: (account) => <TierBadge tier={account.tier} /> },
        {
          title: t`Role`,
          cell: (account) => (
            <>
              <ChangeRole account={account} change={change} />
              {account.disabled ? (
                <div className="muted small">
                  <Trans>disabled</Trans>
                </div>
              ) : null}
            </>
          ),
        },
        { title: t`Since`, cell: (account) => formatDateTime(account.created_at), cellClass: "time" },
        {
          title: t`Actions`,
          hasHiddenTitle: true,
          cellClass: "actions",
          cell: (account) => (
            <>
              <ChangeTier account={account} change={change} />
              <ResetPassword account={account} makeLink={makeLink} />
              {account.second_factor ? <RemoveSecondFactor account={account} /> : null}
              {account.identities.map((identity) => (
                <UnlinkIdentity key={identity.id} account={account} identity={identity} />
              ))}
              <EnableOrDisable account={account} change={change} />
            </>
          ),
        },
      ]}
    />
  );
}

function Name({ account }: { account: AccountSummary }) {
  return (
    <>
      {account.name}
      <Details account={account} />
    </>
  );
}

function Details({ account }: { account: AccountSummary }) {
  const parts = [account.full_name, account.email, ...account.groups].filter(Boolean);
  const due = account.deletion_due;
  return (
    <>
      {parts.length > 0 ? <div className="muted small">{parts.join(" · ")}</div> : null}
      {due ? (
        <div className="muted small">
          <Trans>to be deleted on {formatDateTime(due)}</Trans>
        </div>
      ) : null}
    </>
  );
}

const ROLES = ["user", "author", "admin"] as const;

/** A select for the role of an account; a change is confirmed first. The current account sees its own role as a text. */
function ChangeRole({ account, change }: ChangeProps) {
  const isMe = useCurrentAccount().data?.id === account.id;
  const dialog = useRef<HTMLDialogElement>(null);
  const [wanted, setWanted] = useState<Role>(account.role);
  const { name } = account;
  if (isMe) return roleName(account.role);
  const ask = (value: string) => {
    setWanted(value as Role);
    dialog.current?.showModal();
  };
  const role = roleName(wanted);
  return (
    <>
      <Select
        label={<span className="visually-hidden">{t`Role of ${name}`}</span>}
        value={account.role}
        choose={ask}
        options={ROLES.map((each) => [each, roleName(each)])}
        hasAllOption={false}
      />
      <ConfirmDialog
        dialog={dialog}
        label={t`Change the role`}
        question={t`Give ${name} the role ${role}?`}
        consequence={consequenceOf(wanted)}
        onConfirm={() =>
          change({ account, change: { role: wanted }, message: t`${name} has the role ${role} from now on.` })
        }
      />
    </>
  );
}

function consequenceOf(role: Role): string {
  if (role === "admin")
    return t`This account may then read and change everything here: all accounts, problems and submissions, and the queues.`;
  if (role === "author") return t`This account may then add problems, and run their programs on the workers.`;
  return t`This account may then only solve problems. Problems that it has added stay, and it can no longer change them.`;
}

function RemoveSecondFactor({ account }: { account: AccountSummary }) {
  const remove = useRemoveSecondFactor();
  const { name } = account;
  return (
    <ConfirmButton
      label={t`Turn off second factor`}
      accessibleName={t`Turn off second factor of ${name}`}
      question={t`Turn off the second factor of ${name}?`}
      consequence={t`Signing in asks only for the password, until a new second factor is set up.`}
      onConfirm={() => remove.mutate(account)}
    />
  );
}

/** Unlinks a person's account of another server, so that this person can no longer sign in with it. */
function UnlinkIdentity({ account, identity }: { account: AccountSummary; identity: Identity }) {
  const unlink = useUnlinkIdentityOf();
  const { name } = account;
  const { title } = identity;
  return (
    <ConfirmButton
      label={t`Unlink ${title}`}
      accessibleName={t`Unlink ${title} from ${name}`}
      question={t`Unlink ${title} from ${name}?`}
      consequence={t`The person ${identity.subject} can no longer sign in to this account with it. A later sign-in with it may make another account.`}
      onConfirm={() => unlink.mutate({ account, identity })}
    />
  );
}

function ResetPassword({ account, makeLink }: { account: AccountSummary; makeLink: MakeLink }) {
  const { name } = account;
  if (account.disabled) return null;
  return (
    <ConfirmButton
      label={t`Reset password`}
      accessibleName={t`Reset password of ${name}`}
      question={t`Make a link to reset the password of ${name}?`}
      consequence={t`The link works once, within a day. The current password works until the link is used.`}
      onConfirm={() => makeLink({ account, purpose: "password" })}
    />
  );
}

interface ChangeProps {
  account: AccountSummary;
  change: Change;
}

function ChangeTier({ account, change }: ChangeProps) {
  const others = useTiers().filter((tier) => tier !== account.tier);
  return others.map((tier) => <MoveToTier key={tier} tier={tier} account={account} change={change} />);
}

function MoveToTier({ tier, account, change }: ChangeProps & { tier: string }) {
  const name = tierName(tier);
  return (
    <ConfirmButton
      label={t`Move to ${name}`}
      accessibleName={t`Move to ${name}: ${account.name}`}
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
