import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useRef, useState } from "react";
import { ApiError } from "../api/ApiError";
import { QueryBoundary } from "../components/QueryBoundary";
import { SearchField } from "../components/SearchField";
import { Select } from "../components/Select";
import { TableContainer } from "../components/TableContainer";
import { NotFound } from "../layout/NotFound";
import { useParams } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { CellView } from "./CellView";
import { EventHead } from "./EventHead";
import { type TimedEvent, useEvent, useStandings } from "./queries";
import type { Standings, StandingsRow } from "./types";
import { useLiveStandings } from "./useLiveStandings";
import "./events.css";

/** The standings, live. The jury sees all results, and by a switch what the public sees. */
export default function ScoreboardPage() {
  const { slug = "" } = useParams();
  const event = useEvent(slug);
  usePageTitle(event.data ? t`Scoreboard of ${event.data.title}` : slug);
  if (event.error instanceof ApiError && event.error.status === 404) return <NotFound subject={t`event`} />;
  return (
    <div className="wide">
      <QueryBoundary query={event} subject={t`the event`}>
        {(found) => <Scoreboard event={found} />}
      </QueryBoundary>
    </div>
  );
}

function Scoreboard({ event }: { event: TimedEvent }) {
  const [isPublic, setPublic] = useState(event.role !== "jury");
  const [search, setSearch] = useState("");
  const [category, setCategory] = useState("");
  const [affiliation, setAffiliation] = useState("");
  const board = useRef<HTMLDivElement>(null);
  const isLive = useLiveStandings(event.slug, isPublic);
  const standings = useStandings(event.slug, isPublic, isLive);
  return (
    <div ref={board} className="scoreboard">
      <EventHead event={event} />
      <div className="scoreboard-bar">
        <SearchField label={t`Search members`} placeholder={t`Search members`} value={search} search={setSearch} />
        {standings.data ? (
          <RowFilters
            rows={standings.data.rows}
            category={category}
            chooseCategory={setCategory}
            affiliation={affiliation}
            chooseAffiliation={setAffiliation}
          />
        ) : null}
        {event.role === "jury" ? (
          <label>
            <input type="checkbox" checked={isPublic} onChange={(e) => setPublic(e.target.checked)} />{" "}
            <Trans>as the public sees it</Trans>
          </label>
        ) : null}
        <span className="muted" role="status">
          {isLive ? <Trans>live</Trans> : <Trans>not live</Trans>}
        </span>
        {document.fullscreenEnabled ? (
          <button type="button" className="button small" onClick={() => void board.current?.requestFullscreen()}>
            <Trans>Full screen</Trans>
          </button>
        ) : null}
      </div>
      {event.frozen && isPublic ? (
        <p className="frozen-note" role="status">
          <Trans>Frozen: later results are shown when the jury thaws the standings.</Trans>
        </p>
      ) : null}
      <QueryBoundary query={standings} subject={t`the standings`}>
        {(found) => (
          <StandingsTable
            standings={found}
            isShown={(row) => passes(row, search, category, affiliation)}
            own={event.member?.id}
          />
        )}
      </QueryBoundary>
    </div>
  );
}

interface FilterProps {
  rows: StandingsRow[];
  category: string;
  chooseCategory: (value: string) => void;
  affiliation: string;
  chooseAffiliation: (value: string) => void;
}

/** Filters for which the rows have values. */
function RowFilters({ rows, category, chooseCategory, affiliation, chooseAffiliation }: FilterProps) {
  const categories = [...new Set(rows.map((row) => row.category))];
  const affiliations = [...new Set(rows.flatMap((row) => row.affiliation ?? []))].sort((a, b) => a.localeCompare(b));
  return (
    <>
      {categories.length > 1 ? (
        <Select
          label={t`Category`}
          value={category}
          choose={chooseCategory}
          options={categories.map((each) => [each, categoryName(each)] as const)}
        />
      ) : null}
      {affiliations.length > 1 ? (
        <Select
          label={t`Affiliation`}
          value={affiliation}
          choose={chooseAffiliation}
          options={affiliations.map((each) => [each, each] as const)}
        />
      ) : null}
    </>
  );
}

function categoryName(category: StandingsRow["category"]): string {
  if (category === "official") return t`official`;
  return category === "guest" ? t`guest` : t`hidden`;
}

function passes(row: StandingsRow, search: string, category: string, affiliation: string): boolean {
  const isWanted = `${row.name} ${row.affiliation ?? ""}`.toLowerCase().includes(search.toLowerCase());
  return isWanted && (!category || row.category === category) && (!affiliation || row.affiliation === affiliation);
}

interface TableProps {
  standings: Standings;
  isShown: (row: StandingsRow) => boolean;
  own: string | undefined;
}

function StandingsTable({ standings, isShown, own }: TableProps) {
  const rows = standings.rows.filter(isShown);
  const isIcpc = standings.scoring === "icpc";
  return (
    <TableContainer label={t`Standings`}>
      <table className="standings" aria-label={t`Standings`}>
        <caption className="visually-hidden">
          {plural(standings.rows.length, { one: "# member", other: "# members" })}
        </caption>
        <thead>
          <tr>
            <th scope="col" className="number">
              <abbr title={t`Rank`}>#</abbr>
            </th>
            <th scope="col">
              <Trans>Member</Trans>
            </th>
            <th scope="col" className="number">
              {isIcpc ? <Trans>Solved</Trans> : <Trans>Points</Trans>}
            </th>
            {isIcpc ? (
              <th scope="col" className="number">
                <Trans>Penalty</Trans>
              </th>
            ) : null}
            {standings.problems.map((problem) => (
              <th key={problem.slug} scope="col" className="cell-head">
                {problem.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <StandingsLine key={row.member} row={row} standings={standings} isOwn={row.member === own} />
          ))}
        </tbody>
      </table>
    </TableContainer>
  );
}

function StandingsLine({ row, standings, isOwn }: { row: StandingsRow; standings: Standings; isOwn: boolean }) {
  return (
    <tr className={isOwn ? "own-row" : undefined}>
      <td className="number">{row.rank ?? "–"}</td>
      <th scope="row">
        {row.name}
        {row.category === "official" ? null : <small className="muted"> {categoryName(row.category)}</small>}
        {row.affiliation ? <small className="affiliation muted">{row.affiliation}</small> : null}
      </th>
      <td className="number">{row.points}</td>
      {standings.scoring === "icpc" ? <td className="number">{Math.floor(row.penalty_seconds / 60)}</td> : null}
      {row.cells.map((cell, at) => (
        <td key={standings.problems[at]?.slug ?? at} className="cell-box">
          <CellView cell={cell} scoring={standings.scoring} />
        </td>
      ))}
    </tr>
  );
}
