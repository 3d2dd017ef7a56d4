import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { diffLines } from "diff";

interface Row {
  left: string | null;
  right: string | null;
}

const MAX_ROWS = 400;

/** Pairs the lines of two texts: equal lines together, changed lines beside each other. */
export function pairLines(expected: string, output: string): Row[] {
  const rows: Row[] = [];
  let removed: string[] = [];
  const flush = (added: string[]) => {
    for (let at = 0; at < Math.max(removed.length, added.length); at++) {
      rows.push({ left: removed[at] ?? null, right: added[at] ?? null });
    }
    removed = [];
  };
  for (const part of diffLines(withFinalNewline(expected), withFinalNewline(output))) {
    const lines = part.value.replace(/\n$/, "").split("\n");
    if (part.removed) removed = lines;
    else if (part.added) flush(lines);
    else {
      flush([]);
      rows.push(...lines.map((line) => ({ left: line, right: line })));
    }
  }
  flush([]);
  return rows;
}

/** Adds a missing final newline, so that it is not shown as a difference. */
function withFinalNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** Expected and actual output, line by line; a differing line is marked by a sign and by colour. */
export default function OutputDiff({ expected, output }: { expected: string; output: string }) {
  const rows = pairLines(expected, output);
  return (
    <table className="diff">
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
        {rows.slice(0, MAX_ROWS).map((row, index) => (
          <tr key={index} className={row.left === row.right ? "" : "diff-changed"}>
            <Row text={row.left} sign={row.left === row.right ? "" : "−"} />
            <Row text={row.right} sign={row.left === row.right ? "" : "+"} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Row({ text, sign }: { text: string | null; sign: string }) {
  if (text === null) return <td className="diff-missing" />;
  return (
    <td>
      {sign ? <span className="diff-sign">{sign}</span> : null}
      {sign ? <span className="visually-hidden">{sign === "+" ? t`yours: ` : t`expected: `}</span> : null}
      {text}
    </td>
  );
}
