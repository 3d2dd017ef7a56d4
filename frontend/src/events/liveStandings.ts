import type { Standings, StandingsRow } from "./types";

/** A message of the stream: the whole standings, or the rows that changed and the order of all. */
export type StandingsMessage =
  | ({ whole: true } & Pick<Standings, "version" | "problems" | "rows">)
  | { whole: false; version: string; rows: StandingsRow[]; order: string[] };

/** The standings after a message. `null` if a change does not fit. Then the whole standings must be fetched. */
export function applyMessage(before: Standings | undefined, message: StandingsMessage): Standings | null {
  if (!before) return null;
  if (message.whole) {
    const { version, problems, rows } = message;
    return { ...before, version, problems, rows };
  }
  const rows = new Map(before.rows.map((row) => [row.member, row]));
  for (const row of message.rows) rows.set(row.member, row);
  const ordered = message.order.map((member) => rows.get(member));
  if (ordered.some((row) => !row)) return null;
  return { ...before, version: message.version, rows: ordered as StandingsRow[] };
}
