import { plural, t } from "@lingui/core/macro";
import type { Cell, EventState } from "./types";

interface Props {
  cell: Cell;
  scoring: EventState["rules"]["scoring"];
}

/** One result, shown by signs and figures; the colour only repeats them. */
export function CellView({ cell, scoring }: Props) {
  const minutes = cell.seconds === null ? null : Math.floor(cell.seconds / 60);
  return (
    <span className={`cell cell-${stateOf(cell)}`} title={describe(cell, minutes)}>
      <span aria-hidden="true">{signOf(cell, scoring)}</span>
      <span className="visually-hidden">{describe(cell, minutes)}</span>
      <small aria-hidden="true">{detailOf(cell, minutes)}</small>
    </span>
  );
}

function stateOf(cell: Cell): string {
  if (cell.solved) return cell.first ? "first" : "solved";
  if (cell.points > 0) return "partial";
  if (cell.pending > 0) return "pending";
  return cell.tries > 0 ? "wrong" : "none";
}

function signOf(cell: Cell, scoring: Props["scoring"]): string {
  if (scoring === "ioi" && (cell.points > 0 || cell.tries > 0)) return String(cell.points);
  if (cell.solved) return cell.first ? "★" : "✓";
  if (cell.pending > 0) return "?";
  return cell.tries > 0 ? "✗" : "";
}

function detailOf(cell: Cell, minutes: number | null): string {
  const tries = cell.tries > 0 ? String(cell.tries) : "";
  const pending = cell.pending > 0 ? `+${cell.pending}?` : "";
  const time = cell.solved && minutes !== null ? `${minutes}′` : "";
  return [`${tries}${pending}`, time].filter(Boolean).join(" · ");
}

function describe(cell: Cell, minutes: number | null): string {
  const tries = plural(cell.tries, { one: "# try", other: "# tries" });
  const pending = cell.pending > 0 ? t`, ${cell.pending} not judged` : "";
  if (cell.solved && cell.first) return t`solved first, after ${minutes ?? 0} minutes, ${tries}${pending}`;
  if (cell.solved) return t`solved after ${minutes ?? 0} minutes, ${tries}${pending}`;
  if (cell.points > 0) return t`${cell.points} points, ${tries}${pending}`;
  if (cell.tries + cell.pending === 0) return t`not tried`;
  return t`not solved, ${tries}${pending}`;
}
