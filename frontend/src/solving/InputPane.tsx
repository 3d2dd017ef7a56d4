import { useState } from "react";
import { LongText } from "../furniture/LongText";
import { useRemembered } from "../furniture/remembered";
import type { Problem } from "../wire/types";

const OWN = "own";

/** The input a run is given: a sample, with its expected output, or one's own. */
export function useOwnInput(problem: Problem) {
  const samples = problem.samples.filter((sample) => !sample.interaction);
  const [name, choose] = useState(samples[0]?.name ?? OWN);
  const [own, write] = useRemembered(`gavel.input.${problem.slug}`, "");
  const sample = samples.find((each) => each.name === name);
  const chosen = sample ? { stdin: sample.input, expected_output: sample.output } : { stdin: own };
  return { samples, sample, name, choose, own, write, chosen };
}

export function InputPane({ input }: { input: ReturnType<typeof useOwnInput> }) {
  const { samples, sample, name, choose, own, write } = input;
  return (
    <div className="input-pane">
      <fieldset className="choices">
        <legend className="hidden">Input of a run</legend>
        {[...samples.map((each) => each.name), OWN].map((each, place) => (
          <label key={each}>
            <input type="radio" name="run-input" checked={name === each} onChange={() => choose(each)} />
            {each === OWN ? "Own input" : `Sample ${place + 1}`}
          </label>
        ))}
      </fieldset>
      {sample ? (
        <LongText className="sample-text" label="Input of the sample">
          {sample.input}
        </LongText>
      ) : (
        <textarea
          className="input mono"
          aria-label="Own input"
          spellCheck={false}
          value={own}
          placeholder="What the program reads from standard input"
          onChange={(event) => write(event.target.value)}
        />
      )}
    </div>
  );
}
