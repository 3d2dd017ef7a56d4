import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useId, useState } from "react";
import { ConfirmButton } from "../components/ConfirmButton";
import { CopyButton } from "../components/CopyButton";
import { DataTable } from "../components/DataTable";
import { namesByLabel } from "../api/errorTexts";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { QueryBoundary } from "../components/QueryBoundary";
import { TextBlock } from "../components/TextBlock";
import { formatDateTime } from "../lib/format";
import { Link } from "../lib/routing";
import { localTime } from "./EventForm";
import { csvOf, peopleFrom } from "./invitationTexts";
import { useInvitations, useInvite, useRenewInvitation, useRevokeInvitation, useShowReport } from "./invitations";
import { JuryOnly } from "./JuryOnly";
import { invitationState } from "./names";
import type { TimedEvent } from "./queries";
import type { Invitation, MadeInvitation } from "./types";
import "./events.css";

/** Invitations of persons without an account to an event, for its jury. */
export default function InvitationsPage() {
  return (
    <JuryOnly titled={(event) => t`Invitations to ${event.title}`}>{(event) => <Invitations event={event} />}</JuryOnly>
  );
}

function Invitations({ event }: { event: TimedEvent }) {
  const [made, setMade] = useState<MadeInvitation[]>([]);
  // The server gives a link only once. So a shown link stays until a newer link replaces it.
  const show = (more: readonly MadeInvitation[]) =>
    setMade((before) => [...more, ...before.filter(({ id }) => !more.some((one) => one.id === id))]);
  return (
    <>
      <Invite event={event} show={show} />
      {made.length > 0 ? <MadeLinks event={event} made={made} /> : null}
      <InvitationTable event={event} show={(one) => show([one])} />
    </>
  );
}

/** The labels of the fields, for errors. */
const labels = () => ({
  people: t`Names, one a line; an e-mail address may follow after a comma`,
  expires_at: t`Can be opened until`,
});

function Invite({ event, show }: { event: TimedEvent; show: (made: MadeInvitation[]) => void }) {
  const invite = useInvite(event.slug);
  const id = useId();
  const [people, setPeople] = useState("");
  const [expires, setExpires] = useState(localTime(event.ends_at));
  const submit = (form: FormEvent) => {
    form.preventDefault();
    const body = { people: peopleFrom(people), expires_at: expires ? new Date(expires).toISOString() : null };
    invite.mutate(body, {
      onSuccess: (answer) => {
        show(answer.invitations);
        setPeople((now) => (now === people ? "" : now));
      },
    });
  };
  return (
    <section>
      <h2>
        <Trans>Invite</Trans>
      </h2>
      <p>
        {t`Each person gets a link that works once and needs no account. It opens only this event. The person's ${event.rules.length_minutes ?? 0} minutes begin with a press of “Start my time” on the link's page.`}
      </p>
      <form onSubmit={submit} className="event-fields">
        <div className="field">
          <label htmlFor={id}>
            <Trans>Names, one a line; an e-mail address may follow after a comma</Trans>
          </label>
          <textarea
            id={id}
            className="input"
            rows={4}
            required
            value={people}
            onChange={(e) => setPeople(e.target.value)}
          />
        </div>
        <Field
          label={t`Can be opened until`}
          type="datetime-local"
          value={expires}
          onChange={(e) => setExpires(e.target.value)}
        />
        {invite.error ? <ErrorAlert error={invite.error} nameOf={namesByLabel(labels())} /> : null}
        <button type="submit" className="button primary" disabled={invite.isPending}>
          <Trans>Make the links</Trans>
        </button>
      </form>
    </section>
  );
}

function MadeLinks({ event, made }: { event: TimedEvent; made: MadeInvitation[] }) {
  return (
    <section aria-live="polite">
      <h2>
        <Trans>New links</Trans>
      </h2>
      <p>
        <Trans>The links are shown only now. Copy each mail, or save them all.</Trans>
      </p>
      <p className="event-acts">
        <a
          className="button"
          href={`data:text/csv;charset=utf-8,${encodeURIComponent(csvOf(made))}`}
          download={`${event.slug}-links.csv`}
        >
          <Trans>Save as CSV</Trans>
        </a>
        <CopyButton text={made.map((each) => each.link).join("\n")} subject={t`all links`} label={t`Copy all links`} />
      </p>
      {made.map((each) => (
        <TextBlock key={each.id} title={t`Mail to ${each.name}`} text={mailText(event, each)} />
      ))}
    </section>
  );
}

function mailText(event: TimedEvent, each: MadeInvitation): string {
  return t`Hello ${each.name},

you are invited to ${event.title}. You need no account. You have ${event.rules.length_minutes ?? 0} minutes from the moment at which you press “Start my time”.

${each.link}

The link works once, in one browser.`;
}

function InvitationTable({ event, show }: { event: TimedEvent; show: (made: MadeInvitation) => void }) {
  const found = useInvitations(event.slug);
  return (
    <section>
      <h2>
        <Trans>Invitations</Trans>
      </h2>
      <a className="button small" href={`/events/${event.slug}/invitations.csv`} download>
        <Trans>CSV</Trans>
      </a>
      <QueryBoundary query={found} subject={t`the invitations`}>
        {(all) => (
          <DataTable
            label={t`Invitations`}
            rows={all}
            rowKey={(each) => each.id}
            columns={[
              {
                title: <Trans>Name</Trans>,
                namesRow: true,
                cell: (each) => <Link to={`/events/${event.slug}/invitations/${each.id}`}>{each.name}</Link>,
              },
              { title: <Trans>E-mail</Trans>, cell: (each) => each.email ?? "–", className: "wide-only" },
              { title: <Trans>State</Trans>, cell: (each) => invitationState(each.state) },
              { title: <Trans>Opened</Trans>, cell: (each) => formatDateTime(each.opened_at) },
              {
                title: <Trans>Can be opened until</Trans>,
                cell: (each) => formatDateTime(each.expires_at),
                className: "wide-only",
              },
              {
                title: <Trans>Actions</Trans>,
                hasHiddenTitle: true,
                cell: (each) => <InvitationActs slug={event.slug} each={each} show={show} />,
                cellClass: "actions",
              },
            ]}
          />
        )}
      </QueryBoundary>
    </section>
  );
}

interface ActsProps {
  slug: string;
  each: Invitation;
  show: (made: MadeInvitation) => void;
}

function InvitationActs({ slug, each, show }: ActsProps) {
  const renew = useRenewInvitation(slug);
  const revoke = useRevokeInvitation(slug);
  const showReport = useShowReport(slug);
  if (each.state === "revoked") return null;
  const error = renew.error ?? revoke.error ?? showReport.error;
  return (
    <>
      <ConfirmButton
        label={t`New link`}
        accessibleName={t`New link for ${each.name}`}
        question={t`Make a new link?`}
        consequence={t`The previous link no longer works. Time that has begun goes on.`}
        disabled={renew.isPending}
        onConfirm={() => renew.mutate(each.id, { onSuccess: show })}
      />
      <button
        type="button"
        className="button small"
        aria-pressed={each.shows_report}
        aria-label={t`Show the report to ${each.name}`}
        disabled={showReport.isPending}
        onClick={() => showReport.mutate({ id: each.id, shows: !each.shows_report })}
      >
        {each.shows_report ? <Trans>Hide the report</Trans> : <Trans>Show the report</Trans>}
      </button>
      <ConfirmButton
        label={t`Revoke`}
        accessibleName={t`Revoke the invitation of ${each.name}`}
        question={t`Revoke this invitation?`}
        consequence={t`Its link and its sign-in end at once, permanently. What was submitted stays.`}
        disabled={revoke.isPending}
        onConfirm={() => revoke.mutate(each.id)}
      />
      {error ? <ErrorAlert error={error} /> : null}
    </>
  );
}
