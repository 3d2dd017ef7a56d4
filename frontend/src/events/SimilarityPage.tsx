import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { namesByLabel } from "../api/errorTexts";
import { ConfirmButton } from "../components/ConfirmButton";
import { DataTable } from "../components/DataTable";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { QueryBoundary } from "../components/QueryBoundary";
import { formatDateTime } from "../lib/format";
import { LanguageName } from "../problems/LanguageName";
import { JuryOnly } from "./JuryOnly";
import {
  type TimedEvent,
  useBeginSimilarity,
  useEndSimilarity,
  useSimilarities,
  useSimilarity,
  useSimilarPair,
} from "./queries";
import { SideBySide } from "./SideBySide";
import type { SimilarityOverview, SimilarityReport, SimilarityReportLine, SimilarPair } from "./types";
import "./events.css";

/** Similar programs of an event, for its jury. */
export default function SimilarityPage() {
  return (
    <JuryOnly titled={(event) => t`Similar programs of ${event.title}`}>
      {(event) => <Similarity event={event} />}
    </JuryOnly>
  );
}

function Similarity({ event }: { event: TimedEvent }) {
  const found = useSimilarities(event.slug);
  const [chosen, choose] = useState<string | null>(null);
  return (
    <>
      <p className="jury-note">
        <Trans>
          A similarity is no verdict. Short programs and usual ways to solve a problem are alike without copying. Read
          both programs and talk to their authors before you decide.
        </Trans>
      </p>
      <QueryBoundary query={found} subject={t`the similarity reports`}>
        {(overview) => (
          <>
            {overview.missing ? (
              <p role="alert" className="error-alert">
                <Trans>Programs cannot be compared here yet.</Trans> <span lang="en">{overview.missing}</span>
              </p>
            ) : null}
            <Begin slug={event.slug} overview={overview} />
            <Reports reports={overview.reports} choose={choose} />
            {chosen ? <Report key={chosen} slug={event.slug} id={chosen} leave={() => choose(null)} /> : null}
          </>
        )}
      </QueryBoundary>
    </>
  );
}

/** The labels of the fields, for errors. */
const labels = () => ({
  earlier: t`Compare with these earlier events too`,
  least_percent: t`Least similarity in per cent`,
});

function Begin({ slug, overview }: { slug: string; overview: SimilarityOverview }) {
  const begin = useBeginSimilarity(slug);
  const [earlier, setEarlier] = useState<string[]>([]);
  const [least, setLeast] = useState("50");
  const submit = (form: FormEvent) => {
    form.preventDefault();
    begin.mutate({ earlier, least_percent: Number(least) });
  };
  const toggle = (each: string) =>
    setEarlier((before) => (before.includes(each) ? before.filter((one) => one !== each) : [...before, each]));
  return (
    <form onSubmit={submit} className="event-fields">
      {overview.earlier.length > 0 ? (
        <fieldset className="earlier-events">
          <legend>
            <Trans>Compare with these earlier events too</Trans>
          </legend>
          {overview.earlier.map((each) => (
            <label key={each.slug}>
              <input type="checkbox" checked={earlier.includes(each.slug)} onChange={() => toggle(each.slug)} />{" "}
              {each.title} <span className="muted">{formatDateTime(each.starts_at)}</span>
            </label>
          ))}
        </fieldset>
      ) : null}
      <Field
        label={t`Least similarity in per cent`}
        type="number"
        min={1}
        max={100}
        required
        value={least}
        onChange={(e) => setLeast(e.target.value)}
      />
      {begin.error ? <ErrorAlert error={begin.error} nameOf={namesByLabel(labels())} /> : null}
      <button type="submit" className="button primary" disabled={begin.isPending || overview.missing !== null}>
        <Trans>Compare the accepted programs</Trans>
      </button>
    </form>
  );
}

function Reports({ reports, choose }: { reports: SimilarityReportLine[]; choose: (id: string) => void }) {
  if (reports.length === 0)
    return (
      <p className="muted">
        <Trans>No report yet.</Trans>
      </p>
    );
  return (
    <DataTable
      label={t`Similarity reports`}
      rows={reports}
      rowKey={(each) => each.id}
      columns={[
        {
          title: <Trans>Report</Trans>,
          namesRow: true,
          cell: (each) => (
            <button type="button" className="link-button" onClick={() => choose(each.id)}>
              {formatDateTime(each.created_at)}
            </button>
          ),
        },
        { title: <Trans>State</Trans>, cell: (each) => stateOf(each) },
        { title: <Trans>Programs</Trans>, cell: (each) => each.programs, className: "number" },
        { title: <Trans>Earlier events</Trans>, cell: (each) => each.earlier, className: "number wide-only" },
        {
          title: <Trans>Least similarity</Trans>,
          cell: (each) => t`${each.least_percent} %`,
          className: "number wide-only",
        },
      ]}
    />
  );
}

function Report({ slug, id, leave }: { slug: string; id: string; leave: () => void }) {
  const found = useSimilarity(slug, id);
  return (
    <section aria-live="polite">
      <QueryBoundary query={found} subject={t`the similarity report`}>
        {(report) => <Pairs slug={slug} report={report} leave={leave} />}
      </QueryBoundary>
    </section>
  );
}

function Pairs({ slug, report, leave }: { slug: string; report: SimilarityReport; leave: () => void }) {
  const [pair, setPair] = useState<number | null>(null);
  return (
    <>
      <h2>{t`Report of ${formatDateTime(report.created_at)}`}</h2>
      <p role="status">{stateOf(report)}</p>
      {report.failure ? (
        <p role="alert" className="error-alert" lang="en">
          {report.failure}
        </p>
      ) : null}
      <End slug={slug} report={report} leave={leave} />
      {report.pairs.length > 0 ? <PairTable pairs={report.pairs} choose={setPair} /> : <NoPairs report={report} />}
      {pair === null ? null : <Pair key={pair} slug={slug} report={report.id} number={pair} />}
      {report.notes.length > 0 && report.state !== "failed" ? (
        <details className="event-form">
          <summary>
            <Trans>What was left out</Trans>
          </summary>
          <ul lang="en">
            {report.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}

function NoPairs({ report }: { report: SimilarityReport }) {
  if (report.state !== "done") return null;
  return (
    <p className="muted">
      <Trans>No two programs are that similar.</Trans>
    </p>
  );
}

function PairTable({ pairs, choose }: { pairs: SimilarPair[]; choose: (number: number) => void }) {
  return (
    <DataTable
      label={t`Similar programs`}
      rows={pairs}
      rowKey={(each) => each.number}
      columns={[
        {
          title: <Trans>Similarity</Trans>,
          namesRow: true,
          cell: (each) => (
            <button type="button" className="link-button" onClick={() => choose(each.number)}>
              {t`${Math.round(each.similarity * 100)} %`}
            </button>
          ),
          className: "number",
        },
        { title: <Trans>Problem</Trans>, cell: (each) => each.problem },
        { title: <Trans>Language</Trans>, cell: (each) => <LanguageName id={each.language} />, className: "wide-only" },
        { title: <Trans>Earlier program</Trans>, cell: (each) => `${each.left.member_name} (${each.left.event})` },
        { title: <Trans>Later program</Trans>, cell: (each) => `${each.right.member_name} (${each.right.event})` },
        { title: <Trans>Longest passage</Trans>, cell: (each) => each.longest, className: "number wide-only" },
      ]}
    />
  );
}

function Pair({ slug, report, number }: { slug: string; report: string; number: number }) {
  const found = useSimilarPair(slug, report, number);
  return (
    <QueryBoundary query={found} subject={t`the pair of programs`}>
      {(pair) => <SideBySide pair={pair} />}
    </QueryBoundary>
  );
}

function End({ slug, report, leave }: { slug: string; report: SimilarityReport; leave: () => void }) {
  const end = useEndSimilarity(slug);
  const isUnfinished = report.state === "queued" || report.state === "running";
  return (
    <p className="event-acts">
      {isUnfinished ? (
        <button type="button" className="button" disabled={end.isPending} onClick={() => end.mutate(report.id)}>
          <Trans>Cancel it</Trans>
        </button>
      ) : (
        <ConfirmButton
          label={t`Delete the report`}
          className="button"
          question={t`Delete the report?`}
          consequence={t`Its list of similar programs is deleted. The submissions stay.`}
          disabled={end.isPending}
          onConfirm={() => end.mutate(report.id, { onSuccess: leave })}
        />
      )}
      {end.error ? <ErrorAlert error={end.error} /> : null}
    </p>
  );
}

function stateOf(report: SimilarityReportLine): string {
  if (report.state === "queued") return t`has not begun yet`;
  if (report.state === "running") return t`${report.done} of ${report.total} groups compared`;
  if (report.state === "failed") return t`failed`;
  if (report.state === "cancelled") return t`cancelled after ${report.done} of ${report.total} groups`;
  return plural(report.total, {
    one: "compared: # group of programs (one problem, one language)",
    other: "compared: # groups of programs (each of one problem and one language)",
  });
}
