import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { DataTable } from "../components/DataTable";
import { QueryBoundary } from "../components/QueryBoundary";
import { SearchField } from "../components/SearchField";
import { Select } from "../components/Select";
import { formatDateTime } from "../lib/format";
import { Link } from "../lib/routing";
import { LanguageName } from "../problems/LanguageName";
import { JuryOnly } from "./JuryOnly";
import { type TimedEvent, useHistory, useMatrix } from "./queries";
import { TryVerdict } from "./TryVerdict";
import type { Matrix, MatrixCell, MatrixRow } from "./types";
import "./events.css";

/** The result matrix of members and problems, for the jury, with each member's submissions. */
export default function ResultsPage() {
  return <JuryOnly titled={(event) => t`Results of ${event.title}`}>{(event) => <Results event={event} />}</JuryOnly>;
}

type Counted = "counted" | "best" | "last";

function Results({ event }: { event: TimedEvent }) {
  const found = useMatrix(event.slug);
  const [counted, setCounted] = useState<string>("counted");
  const [search, setSearch] = useState("");
  const [member, setMember] = useState<MatrixRow | null>(null);
  return (
    <>
      <div className="scoreboard-bar">
        <SearchField label={t`Search members`} placeholder={t`Search members`} value={search} search={setSearch} />
        <Select
          label={t`Cells show`}
          value={counted}
          choose={setCounted}
          hasAllOption={false}
          options={[
            ["counted", t`what counts`],
            ["best", t`the best try`],
            ["last", t`the last try`],
          ]}
        />
        <a className="button small" href={`/events/${event.slug}/results.csv`} download>
          <Trans>CSV</Trans>
        </a>
        <a className="button small" href={`/events/${event.slug}/results.xlsx`} download>
          <Trans>XLSX</Trans>
        </a>
      </div>
      <QueryBoundary query={found} subject={t`the results`}>
        {(matrix) => <MatrixTable matrix={matrix} counted={counted as Counted} search={search} choose={setMember} />}
      </QueryBoundary>
      {member ? <History key={member.member} slug={event.slug} member={member} /> : null}
    </>
  );
}

interface MatrixProps {
  matrix: Matrix;
  counted: Counted;
  search: string;
  choose: (row: MatrixRow) => void;
}

function MatrixTable({ matrix, counted, search, choose }: MatrixProps) {
  const wanted = search.toLowerCase();
  const rows = matrix.rows.filter((row) => `${row.name} ${row.affiliation ?? ""}`.toLowerCase().includes(wanted));
  const hasGrades = matrix.rows.some((row) => row.grade !== null);
  return (
    <DataTable
      label={t`Results`}
      className="matrix"
      rows={rows}
      rowKey={(row) => row.member}
      columns={[
        { title: <abbr title={t`Rank`}>#</abbr>, cell: (row) => row.rank ?? "–", className: "number" },
        {
          title: <Trans>Member</Trans>,
          namesRow: true,
          cell: (row) => (
            <button type="button" className="link-button" onClick={() => choose(row)}>
              {row.name}
            </button>
          ),
        },
        { title: <Trans>Points</Trans>, cell: (row) => row.points, className: "number" },
        hasGrades ? { title: <Trans>Grade</Trans>, cell: (row) => row.grade ?? "–" } : null,
        ...matrix.problems.map((label, at) => ({
          title: label,
          cell: (row: MatrixRow) => <ResultCell cell={row.cells[at]} counted={counted} />,
          className: "cell-box",
        })),
      ]}
    />
  );
}

/** Words and figures show a late result; the dotted frame only repeats that. */
function ResultCell({ cell, counted }: { cell: MatrixCell | undefined; counted: Counted }) {
  if (!cell || (cell.tries === 0 && cell.pending === 0)) return <span className="muted">–</span>;
  const isLate = counted === "counted" && cell.late_minutes > 0;
  return (
    <span className={isLate ? "cell cell-late" : "cell"}>
      {shownResult(cell, counted)}
      <small>
        {plural(cell.tries, { one: "# try", other: "# tries" })}
        {cell.pending > 0 ? t`, ${cell.pending} not judged` : ""}
        {isLate ? (
          <>
            <br />
            {t`${cell.late_minutes} min late, ${cell.late_percent} %`}
          </>
        ) : null}
      </small>
    </span>
  );
}

function shownResult(cell: MatrixCell, counted: Counted): string {
  if (counted === "counted") return String(cell.points);
  const share = counted === "best" ? cell.best : cell.last;
  return share === null ? "–" : `${Math.round(share * 10_000) / 100} %`;
}

function History({ slug, member }: { slug: string; member: MatrixRow }) {
  const found = useHistory(slug, member.member);
  return (
    <section aria-live="polite">
      <h2>{t`Submissions of ${member.name}`}</h2>
      <QueryBoundary query={found} subject={t`the submissions`}>
        {(all) =>
          all.length === 0 ? (
            <p className="muted">
              <Trans>None yet.</Trans>
            </p>
          ) : (
            <DataTable
              label={t`Submissions of ${member.name}`}
              rows={all}
              rowKey={(each) => each.id}
              columns={[
                {
                  title: <Trans>Time</Trans>,
                  namesRow: true,
                  cell: (each) => <Link to={`/submissions/${each.id}`}>{formatDateTime(each.at)}</Link>,
                },
                { title: <Trans>Account</Trans>, cell: (each) => each.account ?? "–", className: "wide-only" },
                { title: <Trans>Problem</Trans>, cell: (each) => each.problem },
                {
                  title: <Trans>Language</Trans>,
                  cell: (each) => <LanguageName id={each.language} />,
                  className: "wide-only",
                },
                { title: <Trans>Verdict</Trans>, cell: (each) => <TryVerdict each={each} /> },
                { title: <Trans>Points</Trans>, cell: (each) => each.score ?? "–", className: "number" },
              ]}
            />
          )
        }
      </QueryBoundary>
    </section>
  );
}
