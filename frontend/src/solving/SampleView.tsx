import { Block } from "../furniture/Block";
import type { Sample } from "../wire/types";

export function SampleView({ sample, number }: { sample: Sample; number: number }) {
  return (
    <section className="sample" aria-label={`Sample ${number}`}>
      <h2>Sample {number}</h2>
      {sample.interaction ? (
        <Interaction text={sample.interaction} />
      ) : (
        <div className="sample-pair">
          <Block title="Input" text={sample.input} />
          <Block title="Output" text={sample.output} />
        </div>
      )}
      {sample.hint ? <p className="faint">{sample.hint}</p> : null}
    </section>
  );
}

/** An interaction reads from top to bottom: `<` what the judge says, `>` what the program says. */
function Interaction({ text }: { text: string }) {
  return (
    <ol className="interaction">
      {text
        .replace(/\n$/, "")
        .split("\n")
        .map((line, place) => (
          <li key={place} className={line.startsWith(">") ? "said-program" : "said-judge"}>
            <span className="faint">{line.startsWith(">") ? "program" : "judge"}</span>
            <code>{line.slice(1).trim()}</code>
          </li>
        ))}
    </ol>
  );
}
