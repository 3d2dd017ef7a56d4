import { diffLines } from "diff";

interface Row {
  left: string | null;
  right: string | null;
}

const MOST_ROWS = 400;

/** The rows of two texts beside each other: equal lines together, changed lines against each other. */
export function pairLines(expected: string, output: string): Row[] {
  const rows: Row[] = [];
  let missing: string[] = [];
  const settle = (extra: string[]) => {
    for (let at = 0; at < Math.max(missing.length, extra.length); at++) {
      rows.push({ left: missing[at] ?? null, right: extra[at] ?? null });
    }
    missing = [];
  };
  for (const part of diffLines(closed(expected), closed(output))) {
    const lines = part.value.replace(/\n$/, "").split("\n");
    if (part.removed) missing = lines;
    else if (part.added) settle(lines);
    else {
      settle([]);
      rows.push(...lines.map((line) => ({ left: line, right: line })));
    }
  }
  settle([]);
  return rows;
}

/** With a newline at the end: a text that only lacks it is not shown as different in its last line. */
function closed(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** Expected and actual output, line by line; a differing line is marked by a sign as well as by colour. */
export default function SideBySide({ expected, output }: { expected: string; output: string }) {
  const rows = pairLines(expected, output);
  return (
    <table className="diff">
      <thead>
        <tr>
          <th scope="col">Expected</th>
          <th scope="col">Your output</th>
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, MOST_ROWS).map((row, place) => (
          <tr key={place} className={row.left === row.right ? "" : "differs"}>
            <Line text={row.left} sign={row.left === row.right ? "" : "−"} />
            <Line text={row.right} sign={row.left === row.right ? "" : "+"} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Line({ text, sign }: { text: string | null; sign: string }) {
  if (text === null) return <td className="nothing" />;
  return (
    <td>
      {sign ? <span className="sign">{sign}</span> : null}
      {sign ? <span className="hidden">{sign === "+" ? "yours: " : "expected: "}</span> : null}
      {text}
    </td>
  );
}
