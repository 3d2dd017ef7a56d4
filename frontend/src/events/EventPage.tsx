import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ApiError } from "../api/ApiError";
import { useCurrentAccount } from "../auth/queries";
import { ConfirmButton } from "../components/ConfirmButton";
import { DataTable } from "../components/DataTable";
import { ErrorAlert } from "../components/ErrorAlert";
import { QueryBoundary } from "../components/QueryBoundary";
import { NotFound } from "../layout/NotFound";
import { formatDateTime } from "../lib/format";
import { Link, useParams } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { LanguageName } from "../problems/LanguageName";
import { CellView } from "./CellView";
import { EventHead } from "./EventHead";
import { JoinHere } from "./JoinHere";
import { Messages } from "./Messages";
import { whatNext } from "./names";
import { LiveMessages } from "./NewMessages";
import { type TimedEvent, useEvent, useStart, useToken, useTries } from "./queries";
import type { EventProblem, EventTry } from "./types";
import { TryVerdict } from "./TryVerdict";
import "./events.css";

/** An event for its members and the public: problems, own results, questions. */
export default function EventPage() {
  const { slug = "" } = useParams();
  const event = useEvent(slug);
  usePageTitle(event.data?.title ?? slug);
  if (event.error instanceof ApiError && event.error.status === 404) return <NotFound subject={t`event`} />;
  return (
    <div className="wide">
      <QueryBoundary query={event} subject={t`the event`}>
        {(found) => <EventContent event={found} />}
      </QueryBoundary>
    </div>
  );
}

function EventContent({ event }: { event: TimedEvent }) {
  const me = useCurrentAccount().data;
  return (
    <>
      <EventHead event={event} />
      {event.description ? <p className="event-description">{event.description}</p> : null}
      <p>{event.address_fault ?? whatNext(event, Boolean(me))}</p>
      {event.hides_results ? (
        <p>
          <Trans>Results are shown after the end.</Trans>
        </p>
      ) : null}
      {event.may_start ? <StartButton slug={event.slug} /> : null}
      {event.may_join ? <JoinHere event={event} /> : null}
      {event.problems.length > 0 ? <ProblemTable event={event} /> : null}
      {event.role === "member" ? <Tries event={event} /> : null}
      {me && event.role !== "viewer" ? <Messages event={event} /> : null}
      {me && event.role === "member" && event.may_see_standings ? <LiveMessages slug={event.slug} /> : null}
    </>
  );
}

function StartButton({ slug }: { slug: string }) {
  const start = useStart(slug);
  return (
    <>
      <ConfirmButton
        label={t`Start my time`}
        className="button primary"
        question={t`Start now?`}
        consequence={t`Your time begins at once and cannot be stopped.`}
        disabled={start.isPending}
        onConfirm={() => start.mutate(undefined)}
      />
      {start.error ? <ErrorAlert error={start.error} /> : null}
    </>
  );
}

function ProblemTable({ event }: { event: TimedEvent }) {
  const isIoi = event.rules.scoring === "ioi";
  return (
    <DataTable
      label={t`Problems`}
      rows={event.problems}
      rowKey={(problem) => problem.slug}
      columns={[
        { title: <Trans>Label</Trans>, cell: (problem) => problem.label, className: "label" },
        {
          title: <Trans>Problem</Trans>,
          namesRow: true,
          cell: (problem) => <ProblemName event={event} problem={problem} />,
        },
        isIoi ? { title: <Trans>Points</Trans>, cell: (problem) => problem.weight, className: "number" } : null,
        event.role === "member"
          ? {
              title: <Trans>Your result</Trans>,
              cell: (problem) => (problem.own ? <CellView cell={problem.own} scoring={event.rules.scoring} /> : "–"),
            }
          : null,
      ]}
    />
  );
}

function ProblemName({ event, problem }: { event: TimedEvent; problem: EventProblem }) {
  if (problem.withdrawn)
    return (
      <>
        <s>{problem.name}</s> <Trans>withdrawn</Trans>
      </>
    );
  return <Link to={`/events/${event.slug}/problems/${problem.label}`}>{problem.name}</Link>;
}

function Tries({ event }: { event: TimedEvent }) {
  const tries = useTries(event.slug, true);
  const isTokened = event.rules.scoring === "ioi" && event.rules.ioi.mode === "tokened";
  return (
    <section>
      <h2>
        <Trans>Your submissions</Trans>
      </h2>
      <QueryBoundary query={tries} subject={t`your submissions`}>
        {(found) =>
          found.length === 0 ? (
            <p className="muted">
              <Trans>None yet.</Trans>
            </p>
          ) : (
            <DataTable
              label={t`Your submissions`}
              rows={found}
              rowKey={(each) => each.id}
              columns={[
                {
                  title: <Trans>Time</Trans>,
                  namesRow: true,
                  cell: (each) => <Link to={`/submissions/${each.id}`}>{formatDateTime(each.at)}</Link>,
                },
                { title: <Trans>Problem</Trans>, cell: (each) => each.problem },
                {
                  title: <Trans>Language</Trans>,
                  cell: (each) => <LanguageName id={each.language} />,
                  className: "wide-only",
                },
                { title: <Trans>Verdict</Trans>, cell: (each) => <TryVerdict each={each} /> },
                isTokened
                  ? { title: <Trans>Token</Trans>, cell: (each) => <Token event={event} each={each} all={found} /> }
                  : null,
              ]}
            />
          )
        }
      </QueryBoundary>
    </section>
  );
}

/** A submission with a token counts by its own points, even if a later submission is worse. */
function Token({ event, each, all }: { event: TimedEvent; each: EventTry; all: EventTry[] }) {
  const use = useToken(event.slug);
  if (each.tokened) return <Trans>has a token</Trans>;
  const used = all.filter((other) => other.tokened && other.problem === each.problem).length;
  const left = event.rules.ioi.tokens - used;
  if (left <= 0) return <Trans>none left</Trans>;
  if (!event.may_submit) return null;
  return (
    <>
      <button type="button" className="button small" disabled={use.isPending} onClick={() => use.mutate(each.id)}>
        <Trans>Use a token ({left} left)</Trans>
      </button>
      {use.error ? <ErrorAlert error={use.error} /> : null}
    </>
  );
}
