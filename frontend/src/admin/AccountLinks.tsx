import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { CopyButton } from "../components/CopyButton";
import { ErrorAlert } from "../components/ErrorAlert";
import { formatDateTime } from "../lib/format";
import type { MadeLink } from "../api/types";
import type { AccountSummary } from "./types";

interface Props {
  link: MadeLink | undefined;
  account: AccountSummary | undefined;
  error: Error | null;
}

/** The one-time link that was just made. It is shown once. */
export function NewLink({ link, account, error }: Props) {
  if (error) return <ErrorAlert error={error} />;
  if (!link || !account) return null;
  return (
    <div className="new-link" role="status">
      <p>
        {link.purpose === "password"
          ? t`Give this link to ${account.name}, who sets a new password by it:`
          : t`This link signs in as ${account.name}:`}
      </p>
      <code>{link.link}</code> <CopyButton text={link.link} subject={t`the link`} />
      <p className="muted">
        <Trans>Shown only now. It works once, until {formatDateTime(link.expires_at)}.</Trans>
      </p>
    </div>
  );
}
