import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { namesByLabel } from "../api/errorTexts";
import { ConfirmButton } from "../components/ConfirmButton";
import { DataTable } from "../components/DataTable";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field, forgetChosenFile } from "../components/Field";
import { LoadMore } from "../components/LoadMore";
import { QueryBoundary } from "../components/QueryBoundary";
import { formatDateTime } from "../lib/format";
import { Link } from "../lib/routing";
import { LanguageName } from "../problems/LanguageName";
import { Balloons } from "./Balloons";
import { EventForm } from "./EventForm";
import { words } from "./eventRules";
import { JuryOnly } from "./JuryOnly";
import { LtiLinks } from "./LtiLinks";
import { Messages } from "./Messages";
import {
  type TimedEvent,
  useAddMembers,
  useChangeEvent,
  useChangeMember,
  useDisqualify,
  useEventMembers,
  useEventSubmissions,
  useExtend,
  useImportMembers,
  usePause,
  useThaw,
} from "./queries";
import { Rejudgings } from "./Rejudgings";
import { TryVerdict } from "./TryVerdict";
import type { EventMember, EventSubmission } from "./types";
import "./events.css";

/** An event for its jury. */
export default function JuryPage() {
  return (
    <JuryOnly titled={(event) => t`Jury of ${event.title}`}>
      {(event) => (
        <>
          <Results event={event} />
          <Messages event={event} />
          <Submissions slug={event.slug} />
          <Rejudgings event={event} />
          <Balloons slug={event.slug} />
          <Members slug={event.slug} />
          <LtiLinks event={event} />
          <EditEvent event={event} />
        </>
      )}
    </JuryOnly>
  );
}

function Results({ event }: { event: TimedEvent }) {
  const thaw = useThaw(event.slug);
  return (
    <section className="event-acts">
      <a className="button" href={`/events/${event.slug}/results.csv`} download>
        <Trans>Result matrix as CSV</Trans>
      </a>
      <a className="button" href={`/events/${event.slug}/results.xlsx`} download>
        <Trans>as XLSX</Trans>
      </a>
      <a className="button" href={`/events/${event.slug}/archive.zip`} download>
        <Trans>All submissions as a zip</Trans>
      </a>
      {event.phase === "ended" ? (
        <ConfirmButton
          label={t`Thaw the standings`}
          className="button"
          question={t`Thaw the standings?`}
          consequence={t`The scoreboard then shows all results to everybody who may see it.`}
          onConfirm={() => thaw.mutate(true)}
        />
      ) : null}
      <ExtendEvent event={event} />
      <PauseEvent event={event} />
      {thaw.error ? <ErrorAlert error={thaw.error} /> : null}
    </section>
  );
}

function ExtendEvent({ event }: { event: TimedEvent }) {
  const extend = useExtend(event.slug);
  const [minutes, setMinutes] = useState("10");
  return (
    <>
      <ConfirmButton
        label={t`More time for all`}
        className="button"
        question={t`Extend the event?`}
        consequence={
          event.rules.length_minutes
            ? t`The event ends later, and freezes later if it is not frozen yet. Members keep the minutes that each has from its own start: only those whose time the end of the event cuts short get more.`
            : t`The event ends later for all, and freezes later if it is not frozen yet.`
        }
        fields={<MinutesField value={minutes} change={setMinutes} />}
        disabled={extend.isPending}
        onConfirm={() => extend.mutate(Number(minutes))}
      />
      {extend.error ? <ErrorAlert error={extend.error} nameOf={namesByLabel({ minutes: t`Minutes` })} /> : null}
    </>
  );
}

function MinutesField({ value, change }: { value: string; change: (value: string) => void }) {
  return (
    <Field label={t`Minutes`} type="number" min={1} required value={value} onChange={(e) => change(e.target.value)} />
  );
}

function PauseEvent({ event }: { event: TimedEvent }) {
  const pause = usePause(event.slug);
  if (!event.paused_at && event.phase !== "running" && event.phase !== "frozen") return null;
  return (
    <>
      {event.paused_at ? (
        <button type="button" className="button primary" disabled={pause.isPending} onClick={() => pause.mutate(false)}>
          <Trans>Resume</Trans>
        </button>
      ) : (
        <ConfirmButton
          label={t`Pause`}
          className="button"
          question={t`Pause the event?`}
          consequence={t`Its clock stops for all members, and they cannot submit. The event ends later by the length of the pause.`}
          disabled={pause.isPending}
          onConfirm={() => pause.mutate(true)}
        />
      )}
      {pause.error ? <ErrorAlert error={pause.error} /> : null}
    </>
  );
}

function EditEvent({ event }: { event: TimedEvent }) {
  const change = useChangeEvent(event.slug);
  return (
    <details className="event-form">
      <summary>
        <Trans>Change the event</Trans>
      </summary>
      <EventForm
        event={event}
        error={change.error}
        isPending={change.isPending}
        // Even if another page is open when the answer comes, the form forgets what was saved.
        send={(body, done) => void change.mutateAsync(body).then(done, () => {})}
      />
    </details>
  );
}

function Submissions({ slug }: { slug: string }) {
  const found = useEventSubmissions(slug);
  return (
    <section>
      <h2>
        <Trans>Submissions</Trans>
      </h2>
      <QueryBoundary query={found} subject={t`the submissions`}>
        {(all) => (
          <DataTable
            label={t`Submissions`}
            rows={all}
            rowKey={(each) => each.id}
            columns={[
              {
                title: <Trans>Time</Trans>,
                namesRow: true,
                cell: (each) => <Link to={`/submissions/${each.id}`}>{formatDateTime(each.at)}</Link>,
              },
              { title: <Trans>Member</Trans>, cell: (each) => each.member_name },
              { title: <Trans>Problem</Trans>, cell: (each) => each.problem },
              {
                title: <Trans>Language</Trans>,
                cell: (each) => <LanguageName id={each.language} />,
                className: "wide-only",
              },
              { title: <Trans>Verdict</Trans>, cell: (each) => <TryVerdict each={each} /> },
              {
                title: <Trans>Actions</Trans>,
                hasHiddenTitle: true,
                cell: (each) => <Disqualify slug={slug} each={each} />,
                cellClass: "actions",
              },
            ]}
          />
        )}
      </QueryBoundary>
      <LoadMore paged={found} title={t`Older submissions`} />
    </section>
  );
}

function Disqualify({ slug, each }: { slug: string; each: EventSubmission }) {
  const disqualify = useDisqualify(slug);
  const [reason, setReason] = useState("");
  return (
    <>
      {each.disqualified ? (
        <button
          type="button"
          className="button small"
          disabled={disqualify.isPending}
          onClick={() => disqualify.mutate({ id: each.id, reason: null, replaces: each.disqualified })}
        >
          <Trans>Let it count</Trans>
        </button>
      ) : (
        <ConfirmButton
          label={t`Disqualify`}
          question={t`Disqualify this submission?`}
          consequence={t`It does not count in the standings, and its member sees that. It can be taken back.`}
          fields={
            <Field
              label={t`Reason, shown to the member`}
              maxLength={500}
              placeholder={t`by the jury`}
              value={reason}
              onChange={(e) => setReason(e.target.value)}
            />
          }
          disabled={disqualify.isPending}
          onConfirm={() => disqualify.mutate({ id: each.id, reason: reason.trim() || t`by the jury`, replaces: null })}
        />
      )}
      {disqualify.error ? <ErrorAlert error={disqualify.error} /> : null}
    </>
  );
}

function Members({ slug }: { slug: string }) {
  const found = useEventMembers(slug);
  return (
    <section>
      <h2>
        <Trans>Members</Trans>
      </h2>
      <AddMembers slug={slug} />
      <QueryBoundary query={found} subject={t`the members`}>
        {(all) => (
          <DataTable
            label={t`Members`}
            rows={all}
            rowKey={(each) => each.id}
            columns={[
              { title: <Trans>Name</Trans>, namesRow: true, cell: (each) => each.name },
              { title: <Trans>Accounts</Trans>, cell: (each) => each.accounts.join(", ") },
              { title: <Trans>Category</Trans>, cell: (each) => each.category, className: "wide-only" },
              {
                title: <Trans>More time</Trans>,
                cell: (each) => (each.extension_minutes ? t`${each.extension_minutes} min` : "–"),
                className: "number",
              },
              {
                title: <Trans>Actions</Trans>,
                hasHiddenTitle: true,
                cell: (each) => <MemberActs slug={slug} member={each} />,
                cellClass: "actions",
              },
            ]}
          />
        )}
      </QueryBoundary>
    </section>
  );
}

function MemberActs({ slug, member }: { slug: string; member: EventMember }) {
  const change = useChangeMember(slug);
  const [minutes, setMinutes] = useState("10");
  return (
    <>
      <ConfirmButton
        label={t`More time`}
        accessibleName={t`More time for ${member.name}`}
        question={t`More time for this member?`}
        consequence={t`This member's time ends later. The time of the others stays the same.`}
        fields={<MinutesField value={minutes} change={setMinutes} />}
        disabled={change.isPending}
        onConfirm={() =>
          change.mutate({ id: member.id, extension_minutes: member.extension_minutes + Number(minutes) })
        }
      />
      <button
        type="button"
        className="button small"
        aria-label={member.disabled ? t`Enable ${member.name}` : t`Disable ${member.name}`}
        disabled={change.isPending}
        onClick={() => change.mutate({ id: member.id, disabled: !member.disabled })}
      >
        {member.disabled ? <Trans>Enable</Trans> : <Trans>Disable</Trans>}
      </button>
      {change.error ? (
        <ErrorAlert error={change.error} nameOf={namesByLabel({ extension_minutes: t`Minutes` })} />
      ) : null}
    </>
  );
}

function AddMembers({ slug }: { slug: string }) {
  const add = useAddMembers(slug);
  const load = useImportMembers(slug);
  const [accounts, setAccounts] = useState("");
  const [name, setName] = useState("");
  const submit = (form: FormEvent) => {
    form.preventDefault();
    const names = words(accounts);
    const members = name ? [{ accounts: names, name }] : names.map((each) => ({ accounts: [each] }));
    // The answer may come while the next names are typed.
    add.mutate({ members }, { onSuccess: () => setAccounts((now) => (now === accounts ? "" : now)) });
  };
  const faults = load.data?.faults ?? [];
  return (
    <details className="event-form">
      <summary>
        <Trans>Add members</Trans>
      </summary>
      <form onSubmit={submit} className="event-fields">
        <Field
          label={t`Accounts`}
          hint={t`their names, with spaces between`}
          required
          value={accounts}
          onChange={(e) => setAccounts(e.target.value)}
        />
        <Field
          label={t`Name of the team`}
          hint={t`makes all these accounts one member`}
          value={name}
          onChange={(e) => setName(e.target.value)}
        />
        {add.error ? <ErrorAlert error={add.error} nameOf={namesByLabel({ members: t`Accounts` })} /> : null}
        <button type="submit" className="button" disabled={add.isPending}>
          <Trans>Add</Trans>
        </button>
        <Field
          label={t`CSV file: name, accounts, category, affiliation, external_id, group`}
          type="file"
          accept=".csv,text/csv"
          onClick={forgetChosenFile}
          onChange={(e) => e.target.files?.[0] && load.mutate(e.target.files[0])}
        />
        {load.error ? <ErrorAlert error={load.error} /> : null}
        {faults.length > 0 ? (
          <ul role="alert">
            {faults.map((fault) => (
              <li key={`${fault.line} ${fault.column}`}>{t`line ${fault.line}: ${fault.column} ${fault.message}`}</li>
            ))}
          </ul>
        ) : null}
      </form>
    </details>
  );
}
