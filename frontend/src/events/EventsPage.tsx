import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { DataTable } from "../components/DataTable";
import { EmptyState } from "../components/EmptyState";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { QueryBoundary } from "../components/QueryBoundary";
import { useCurrentAccount } from "../auth/queries";
import { formatDateTime } from "../lib/format";
import { Link, useNavigate } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { EventForm } from "./EventForm";
import { phaseName, scoringName } from "./names";
import { useCreateEvent, useEvents, useJoin } from "./queries";
import type { EventLine, EventState } from "./types";
import "./events.css";

/** All events that the visitor may see; authors make new ones here. */
export default function EventsPage() {
  usePageTitle(t`Events`);
  const events = useEvents();
  const me = useCurrentAccount().data;
  return (
    <div className="wide">
      <h1>
        <Trans>Events</Trans>
      </h1>
      <QueryBoundary query={events} subject={t`the events`}>
        {(answer) => <EventTable events={answer.events} />}
      </QueryBoundary>
      {me ? <JoinByName /> : null}
      {me && me.role !== "user" ? <NewEvent /> : null}
    </div>
  );
}

function EventTable({ events }: { events: EventLine[] }) {
  if (events.length === 0) return <EmptyState title={t`There are no events that you can see`} />;
  return (
    <DataTable
      label={t`Events`}
      rows={events}
      rowKey={(event) => event.slug}
      columns={[
        {
          title: <Trans>Event</Trans>,
          namesRow: true,
          cell: (event) => <Link to={`/events/${event.slug}`}>{event.title}</Link>,
        },
        { title: <Trans>State</Trans>, cell: (event) => phaseName(event.phase) },
        { title: <Trans>Start</Trans>, cell: (event) => formatDateTime(event.starts_at), cellClass: "time" },
        {
          title: <Trans>End</Trans>,
          cell: (event) => formatDateTime(event.ends_at),
          cellClass: "time",
          className: "wide-only",
        },
        { title: <Trans>Counted by</Trans>, cell: (event) => scoringName(event.scoring), className: "wide-only" },
        { title: <Trans>You</Trans>, cell: (event) => roleText(event) },
      ]}
    />
  );
}

function roleText(event: EventLine): string {
  if (event.role === "jury") return t`jury`;
  if (event.role === "member") return t`member`;
  return event.may_join ? t`may join` : "–";
}

/** Joins an event that only its members see. */
function JoinByName() {
  const join = useJoin();
  const navigate = useNavigate();
  const [slug, setSlug] = useState("");
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    join.mutate({ slug: slug.trim(), password }, { onSuccess: () => navigate(`/events/${slug.trim()}`) });
  };
  return (
    <details className="event-form">
      <summary>
        <Trans>Join an event by its name</Trans>
      </summary>
      <form onSubmit={submit} className="event-fields">
        <Field label={t`Name in its address`} required value={slug} onChange={(e) => setSlug(e.target.value)} />
        <Field
          label={t`Password of the event`}
          type="password"
          autoComplete="off"
          value={password}
          onChange={(e) => setPassword(e.target.value)}
        />
        {join.error ? <ErrorAlert error={join.error} /> : null}
        <button type="submit" className="button" disabled={join.isPending}>
          <Trans>Join</Trans>
        </button>
      </form>
    </details>
  );
}

function NewEvent() {
  const create = useCreateEvent();
  const navigate = useNavigate();
  return (
    <details className="event-form">
      <summary>
        <Trans>Make an event</Trans>
      </summary>
      <EventForm
        error={create.error}
        isPending={create.isPending}
        send={(body, done) => {
          // Even if another page is open when the answer comes, the form is emptied. That page stays.
          const onSuccess = (made: EventState) => navigate(`/events/${made.slug}/jury`);
          create.mutateAsync(body, { onSuccess }).then(done, () => {});
        }}
      />
    </details>
  );
}
