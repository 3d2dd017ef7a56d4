import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { useState } from "react";
import { ConfirmButton } from "../components/ConfirmButton";
import { tierName, tierOptions } from "../lib/names";
import { type BulkChange, useBulkChange, useTiers } from "./queries";
import type { AccountSummary } from "./types";

interface Props {
  chosen: ReadonlySet<string>;
  /** The accounts in the list: a search may have left out some of the chosen accounts. `undefined` while they load. */
  listed: readonly AccountSummary[] | undefined;
  clear: () => void;
}

/** Changes all chosen accounts at once, and says how many of them are not in the list. */
export function BulkActions({ chosen, listed, clear }: Props) {
  const change = useBulkChange();
  const tiers = useTiers();
  const [group, setGroup] = useState("");
  const apply = (part: Omit<BulkChange, "accounts">) =>
    change.mutate({ accounts: [...chosen], ...part }, { onSuccess: clear });
  const count = chosen.size;
  if (count === 0) return null;
  const hidden = listed ? count - listed.filter(({ id }) => chosen.has(id)).length : 0;
  return (
    <div className="bulk-actions" role="group" aria-label={t`Change the chosen accounts`}>
      <strong>
        <Plural value={count} one="# chosen" other="# chosen" />
      </strong>
      {hidden > 0 ? (
        <span>
          <Plural value={hidden} one="# of them is not in this list" other="# of them are not in this list" />
        </span>
      ) : null}
      <button type="button" className="button small" onClick={clear}>
        <Trans>Choose none</Trans>
      </button>
      {tierOptions(tiers).map(([tier]) => (
        <button key={tier} type="button" className="button small" onClick={() => apply({ tier })}>
          <Trans>Move to {tierName(tier)}</Trans>
        </button>
      ))}
      <button type="button" className="button small" onClick={() => apply({ disabled: true })}>
        <Trans>Disable</Trans>
      </button>
      <button type="button" className="button small" onClick={() => apply({ disabled: false })}>
        <Trans>Enable</Trans>
      </button>
      <input
        className="input small"
        aria-label={t`Group`}
        placeholder={t`Group`}
        maxLength={64}
        value={group}
        onChange={(event) => setGroup(event.target.value)}
      />
      <button
        type="button"
        className="button small"
        disabled={!group.trim()}
        onClick={() => apply({ add_group: group.trim() })}
      >
        <Trans>Add to group</Trans>
      </button>
      <button
        type="button"
        className="button small"
        disabled={!group.trim()}
        onClick={() => apply({ remove_group: group.trim() })}
      >
        <Trans>Remove from group</Trans>
      </button>
      <ConfirmButton
        label={t`Delete`}
        accessibleName={t`Delete the chosen accounts`}
        question={t`Delete the chosen accounts?`}
        consequence={t`They are gone at once, and this cannot be undone. Their submissions to problems stay, without a name.`}
        onConfirm={() => apply({ delete: true })}
      />
    </div>
  );
}
