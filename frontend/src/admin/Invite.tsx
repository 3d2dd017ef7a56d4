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
      <h2 id="invite">Invitations</h2>
      <p>An invitation lets one person sign up while signing up is not open to everybody.</p>
      <button
        type="button"
        className="button"
        disabled={invite.isPending}
        onClick={() => invite.mutate(undefined)}
      >
        Make an invitation
      </button>
      {invite.error ? <ErrorAlert error={invite.error} /> : null}
      {link ? (
        <p role="status">
          <code>{link}</code> <CopyButton text={link} subject="the invitation" />
          <br />
          <span className="muted">
            Shown only now. For one account, until {formatDateTime(invite.data?.expires_at)}.
          </span>
        </p>
      ) : null}
    </section>
  );
}
