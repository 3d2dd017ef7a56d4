import { moment } from "../furniture/amounts";
import { CopyButton } from "../furniture/CopyButton";
import { Trouble } from "../furniture/Trouble";
import { useInvite } from "./queries";

/** A link that lets one person sign up; it is told once, and is good for two weeks. */
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
      {invite.error ? <Trouble error={invite.error} /> : null}
      {link ? (
        <p role="status">
          <code>{link}</code> <CopyButton text={link} what="the invitation" />
          <br />
          <span className="faint">
            Shown only now. For one account, until {moment(invite.data?.expires_at)}.
          </span>
        </p>
      ) : null}
    </section>
  );
}
