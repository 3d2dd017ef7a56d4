import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ApiError } from "../api/ApiError";
import { useCurrentAccount } from "../auth/queries";
import { ConfirmButton } from "../components/ConfirmButton";
import { ErrorAlert } from "../components/ErrorAlert";
import { QueryBoundary } from "../components/QueryBoundary";
import { formatDateTime } from "../lib/format";
import { Link, useHash, useNavigate } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { useFoundInvitation, useOpenInvitation } from "./invitations";
import type { FoundInvitation } from "./types";
import "./events.css";

/**
 * The page that an invitation's link opens. The link's secret is after the # of the address, which browsers do not
 * send. The link is used only when the person presses the button, since mail programs may open links too.
 */
export default function InvitedPage() {
  usePageTitle(t`Your invitation`);
  const token = useHash();
  const found = useFoundInvitation(token);
  if (found.error instanceof ApiError && found.error.status === 422) return <UnknownLink />;
  return (
    <div className="narrow" key={token}>
      <QueryBoundary query={found} subject={t`the invitation`}>
        {(invitation) => <Welcome token={token} invitation={invitation} />}
      </QueryBoundary>
    </div>
  );
}

function UnknownLink() {
  return (
    <div className="narrow">
      <h1>
        <Trans>This link does not work</Trans>
      </h1>
      <p>
        <Trans>
          A part of it is missing, or a newer link has replaced it. Open the whole link of your invitation, or ask the
          person who invited you.
        </Trans>
      </p>
    </div>
  );
}

function Welcome({ token, invitation }: { token: string; invitation: FoundInvitation }) {
  return (
    <>
      <h1>{invitation.title}</h1>
      <p>
        <Trans>Welcome, {invitation.name}.</Trans>
      </p>
      {invitation.description ? <p className="event-description">{invitation.description}</p> : null}
      <Rules invitation={invitation} />
      {invitation.opened_here ? (
        <Link className="button primary" to={`/events/${invitation.event}`}>
          <Trans>Go on</Trans>
        </Link>
      ) : invitation.fault ? (
        <p role="alert">{invitation.fault}</p>
      ) : (
        <Start token={token} invitation={invitation} />
      )}
    </>
  );
}

function Rules({ invitation }: { invitation: FoundInvitation }) {
  const { length_minutes, problems, languages, max_tries, one_address } = invitation.rules;
  return (
    <ul>
      <li>
        {t`You have ${length_minutes ?? 0} minutes. They begin when you press the button below, and do not stop if you close this page.`}
      </li>
      <li>{t`Your time ends at ${formatDateTime(invitation.ends_at)} at the latest.`}</li>
      <li>{plural(problems, { one: "There is # problem.", other: "There are # problems." })}</li>
      {languages.length > 0 ? <li>{t`Languages: ${languages.join(", ")}.`}</li> : null}
      {max_tries ? <li>{t`At most ${max_tries} submissions for each problem.`}</li> : null}
      {one_address ? (
        <li>
          <Trans>Stay in one network: you can take part only from the address that you begin with.</Trans>
        </li>
      ) : null}
      <li>
        <Trans>The link works once. Stay in this browser; you may close and open the page again.</Trans>
      </li>
      <li>
        <Trans>The person who invited you sees your programs, your runs and their times.</Trans>
      </li>
    </ul>
  );
}

function Start({ token, invitation }: { token: string; invitation: FoundInvitation }) {
  const open = useOpenInvitation();
  const me = useCurrentAccount().data;
  const navigate = useNavigate();
  const begin = () =>
    open.mutate(token, { onSuccess: () => navigate(`/events/${invitation.event}`, { replace: true }) });
  return (
    <>
      {me ? (
        <p role="alert">
          {t`You are signed in as ${me.name}. The invitation is for ${invitation.name}: opening it uses the link up, and signs you out here.`}
        </p>
      ) : null}
      <ConfirmButton
        label={t`Start my time`}
        className="button primary"
        question={t`Start now?`}
        consequence={t`Your time begins at once and cannot be stopped.`}
        disabled={open.isPending}
        onConfirm={begin}
      />
      {open.error ? <ErrorAlert error={open.error} /> : null}
    </>
  );
}
