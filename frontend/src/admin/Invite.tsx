import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatDateTime } from "../lib/format";
import { CopyButton } from "../components/CopyButton";
import { ErrorAlert } from "../components/ErrorAlert";
import { useInvite } from "./queries";

/** Makes an invitation link for one account. The link is shown once and expires after two weeks. */
export function Invite() {
  const invite = useInvite();
  const link = invite.data
    ? `${location.origin}/sign-up?invitation=${encodeURIComponent(invite.data.invitation)}`
    : null;
  return (
    <section aria-labelledby="invite">
      <h2 id="invite">
        <Trans>Invitations</Trans>
      </h2>
      <p>
        <Trans>An invitation lets one person sign up while signing up is not open to everybody.</Trans>
      </p>
      <button type="button" className="button" disabled={invite.isPending} onClick={() => invite.mutate(undefined)}>
        <Trans>Make an invitation</Trans>
      </button>
      {invite.error ? <ErrorAlert error={invite.error} /> : null}
      {link ? (
        <p role="status">
          <code>{link}</code> <CopyButton text={link} subject={t`the invitation`} />
          <br />
          <span className="muted">
            <Trans>Shown only now. For one account, until {formatDateTime(invite.data?.expires_at)}.</Trans>
          </span>
        </p>
      ) : null}
    </section>
  );
}
