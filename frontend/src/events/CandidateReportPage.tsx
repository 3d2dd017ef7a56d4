import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ApiError } from "../api/ApiError";
import { RequireSignIn } from "../auth/RequireSignIn";
import { DataTable } from "../components/DataTable";
import { QueryBoundary } from "../components/QueryBoundary";
import { ScrollablePre } from "../components/ScrollablePre";
import { NotFound } from "../layout/NotFound";
import { formatDateTime, formatPercent } from "../lib/format";
import { useParams } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { LanguageName } from "../problems/LanguageName";
import { TestVerdict } from "../verdict/VerdictBadge";
import { clockText } from "./Countdown";
import { EventHead } from "./EventHead";
import { useCandidateReport } from "./invitations";
import { useEvent } from "./queries";
import type { CandidateReport, ReportedProgram } from "./types";
import "./events.css";

/** The programs, runs, times and verdicts of an invited person: for the jury, and for that person if the jury allows it. */
export default function CandidateReportPage() {
  const isOwn = useParams().id === undefined;
  return (
    <RequireSignIn
      reason={
        isOwn
          ? t`The person whom this report is about reads it in the browser in which the invitation was opened.`
          : t`Sign in as the jury of this event.`
      }
    >
      <Report />
    </RequireSignIn>
  );
}

function Report() {
  const { slug = "", id } = useParams();
  const event = useEvent(slug).data;
  const report = useCandidateReport(slug, id);
  usePageTitle(report.data ? t`Report on ${report.data.name}` : t`Report`);
  if (report.error instanceof ApiError && [403, 404].includes(report.error.status))
    return <NotFound subject={t`report`} />;
  return (
    <div className="wide">
      {event ? <EventHead event={event} /> : null}
      <QueryBoundary query={report} subject={t`the report`}>
        {(found) => <Content report={found} />}
      </QueryBoundary>
    </div>
  );
}

function Content({ report }: { report: CandidateReport }) {
  return (
    <>
      <h2>{t`Report on ${report.name}`}</h2>
      <p>
        {report.window
          ? t`From ${formatDateTime(report.window.start)} to ${formatDateTime(report.window.end)}.`
          : t`The invitation was not opened.`}{" "}
        {report.shows_report ? t`The invited person may read this report.` : null}
      </p>
      <Similar report={report} />
      {report.programs.length === 0 ? (
        <p className="muted">
          <Trans>Nothing was sent.</Trans>
        </p>
      ) : null}
      {report.programs.map((each) => (
        <Program key={each.id} program={each} />
      ))}
      {report.is_cut ? (
        <p>
          <Trans>The report does not show all programs. The event's zip has every submission.</Trans>
        </p>
      ) : null}
    </>
  );
}

/** Similar programs of others. People read both and decide. */
function Similar({ report }: { report: CandidateReport }) {
  if (!report.similar) return null;
  return (
    <section>
      <h3>
        <Trans>Similar programs</Trans>
      </h3>
      {report.similar.length === 0 ? (
        <p className="muted">
          <Trans>None in the newest similarity report.</Trans>
        </p>
      ) : (
        <DataTable
          label={t`Similar programs`}
          rows={report.similar}
          rowKey={(each) => `${each.submission} ${each.member_name} ${each.similarity}`}
          columns={[
            { title: <Trans>Problem</Trans>, namesRow: true, cell: (each) => each.problem },
            { title: <Trans>Similar</Trans>, cell: (each) => formatPercent(each.similarity), className: "number" },
            { title: <Trans>Member</Trans>, cell: (each) => each.member_name ?? "–" },
          ]}
        />
      )}
    </section>
  );
}

function Program({ program }: { program: ReportedProgram }) {
  const passed = program.tests.filter((test) => test.verdict === "AC").length;
  const subject = program.kind === "run" ? t`Own run` : t`Problem ${program.problem ?? "–"}`;
  return (
    <details className="event-form">
      <summary>
        {program.seconds === null ? null : `${clockText(program.seconds * 1000)} · `}
        {subject} · <LanguageName id={program.language} /> ·{" "}
        {program.verdict ? <TestVerdict verdict={program.verdict} /> : <Trans>no verdict</Trans>}
        {program.score === null ? null : ` · ${program.score}`}
        {program.tests.length > 0 ? t` · ${passed} of ${program.tests.length} tests passed` : null}
      </summary>
      <p className="muted">{formatDateTime(program.at)}</p>
      {program.source === null ? (
        <p>
          <Trans>The report is too long to include this source.</Trans>
        </p>
      ) : (
        <ScrollablePre label={t`Source`}>{program.source}</ScrollablePre>
      )}
    </details>
  );
}
