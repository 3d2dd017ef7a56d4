import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type Change, diffLines } from "diff";

interface Row {
  left: string | null;
  right: string | null;
}

const MAX_ROWS = 400;
/** Two long texts with more differing lines are not aligned: that would take the browser minutes. */
const MOST_EDITS = 2_000;
/** Equal lines that are shown before the first difference. */
const LINES_BEFORE = 3;

/** Pairs the lines of two texts: equal lines together, changed lines beside each other. */
export function pairLines(expected: string, output: string): Row[] {
  const [left, right] = [withFinalNewline(expected), withFinalNewline(output)];
  const parts = diffLines(left, right, { maxEditLength: MOST_EDITS });
  return parts ? aligned(parts) : byNumber(linesOf(left), linesOf(right));
}

/** Pairs lines of the same number. */
function byNumber(left: readonly string[], right: readonly string[]): Row[] {
  const length = Math.max(left.length, right.length);
  return Array.from({ length }, (_, at) => ({ left: left[at] ?? null, right: right[at] ?? null }));
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

function aligned(parts: readonly Change[]): Row[] {
  const rows: Row[] = [];
  let removed: string[] = [];
  // A call with an argument for each line would need too much stack.
  const add = (more: readonly Row[]) => {
    for (const row of more) rows.push(row);
  };
  const flush = (added: string[]) => {
    add(byNumber(removed, added));
    removed = [];
  };
  for (const part of parts) {
    const lines = linesOf(part.value);
    if (part.removed) removed = lines;
    else if (part.added) flush(lines);
    else {
      flush([]);
      add(byNumber(lines, lines));
    }
  }
  flush([]);
  return rows;
}

/** Adds a missing final newline, so that it is not shown as a difference. */
function withFinalNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** The parts of a line before, in and after what differs from another line. */
export function differingPart(line: string, other: string | null): [string, string, string] {
  if (other === null) return ["", line, ""];
  const most = Math.min(line.length, other.length);
  let start = 0;
  while (start < most && line[start] === other[start]) start++;
  let end = 0;
  while (end < most - start && line[line.length - 1 - end] === other[other.length - 1 - end]) end++;
  return [line.slice(0, start), line.slice(start, line.length - end), line.slice(line.length - end)];
}

/** Expected and actual output, line by line from the first difference. Differences are marked by a sign and by colour. */
export default function OutputDiff({ expected, output }: { expected: string; output: string }) {
  const rows = pairLines(expected, output);
  const first = rows.findIndex((row) => row.left !== row.right);
  const from = Math.max(0, first - LINES_BEFORE);
  const rest = Math.max(0, rows.length - from - MAX_ROWS);
  return (
    <table className="diff">
      <caption className="muted">
        {first < 0
          ? t`The lines are equal: spaces or the end of the output differ.`
          : t`First difference: line ${first + 1}`}
      </caption>
      <thead>
        <tr>
          <th scope="col">
            <Trans>Expected</Trans>
          </th>
          <th scope="col">
            <Trans>Your output</Trans>
          </th>
        </tr>
      </thead>
      <tbody>
        {from > 0 ? (
          <tr>
            <td colSpan={2} className="muted">
              {plural(from, { one: "# equal line", other: "# equal lines" })}
            </td>
          </tr>
        ) : null}
        {rows.slice(from, from + MAX_ROWS).map((row, index) => (
          <tr key={index} className={row.left === row.right ? "" : "diff-changed"}>
            <Cell text={row.left} other={row.right} sign="−" />
            <Cell text={row.right} other={row.left} sign="+" />
          </tr>
        ))}
        {rest > 0 ? (
          <tr>
            <td colSpan={2} className="muted">
              {plural(rest, { one: "# more line is not shown", other: "# more lines are not shown" })}
            </td>
          </tr>
        ) : null}
      </tbody>
    </table>
  );
}

function Cell({ text, other, sign }: { text: string | null; other: string | null; sign: "−" | "+" }) {
  if (text === null) return <td className="diff-missing">{t`(no line)`}</td>;
  if (text === other) return <td>{text}</td>;
  const [before, changed, after] = differingPart(text, other);
  return (
    <td className={sign === "+" ? "diff-yours" : "diff-expected"}>
      <span className="diff-sign">{sign}</span>
      <span className="visually-hidden">{sign === "+" ? t`yours: ` : t`expected: `}</span>
      {before}
      {changed ? <mark>{changed}</mark> : null}
      {after}
    </td>
  );
}
