import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { useState } from "react";
import { ConfirmButton } from "../components/ConfirmButton";
import { tierName, tierOptions } from "../lib/names";
import { type BulkChange, useBulkChange, useTiers } from "./queries";

interface Props {
  chosen: ReadonlySet<string>;
  clear: () => void;
}

/** Changes all chosen accounts at once. */
export function BulkActions({ chosen, clear }: Props) {
  const change = useBulkChange();
  const tiers = useTiers();
  const [group, setGroup] = useState("");
  const apply = (part: Omit<BulkChange, "accounts">) =>
    change.mutate({ accounts: [...chosen], ...part }, { onSuccess: clear });
  const count = chosen.size;
  if (count === 0) return null;
  return (
    <div className="bulk-actions" role="group" aria-label={t`Change the chosen accounts`}>
      <strong>
        <Plural value={count} one="# chosen" other="# chosen" />
      </strong>
      {tierOptions(tiers).map(([tier]) => (
        <button key={tier} type="button" className="button small" onClick={() => apply({ tier })}>
          <Trans>Make {tierName(tier)}</Trans>
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
