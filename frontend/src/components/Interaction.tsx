import { t } from "@lingui/core/macro";

/** An interaction, line by line: `<` from the judge, `>` from the program. A last line `...` says that there was more. */
export function Interaction({ text }: { text: string }) {
  return (
    <ol className="interaction">
      {text
        .replace(/\n$/, "")
        .split("\n")
        .map((line, index) =>
          line === "..." ? (
            <li key={index} className="muted">
              …
            </li>
          ) : (
            <li key={index} className={line.startsWith(">") ? "from-program" : "from-judge"}>
              <span className="muted">{line.startsWith(">") ? t`program` : t`judge`}</span>
              <code>{line.slice(1).trim()}</code>
            </li>
          ),
        )}
    </ol>
  );
}
