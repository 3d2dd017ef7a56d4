import { useState } from "react";
import { LongText } from "../furniture/LongText";
import { useRemembered } from "../furniture/remembered";
import type { Problem } from "../wire/types";
import type { RunInput } from "./useSubmit";

const OWN = "own";
const ALL = "all";

/** The input a run is given: all samples, one of them with its expected output, or one's own. */
export function useOwnInput(problem: Problem) {
  const samples = problem.samples.filter((sample) => !sample.interaction);
  const [name, choose] = useState(problem.samples.length > 0 ? ALL : OWN);
  const [own, write] = useRemembered(`gavel.input.${problem.slug}`, "");
  const sample = samples.find((each) => each.name === name);
  const choices = [
    ...(problem.samples.length > 0 ? [{ name: ALL, title: "All samples" }] : []),
    ...samples.map((each, place) => ({ name: each.name, title: `Sample ${place + 1}` })),
    { name: OWN, title: "Own input" },
  ];
  const chosen: RunInput = name === ALL ? {} : inputOf(sample, own);
  return { choices, sample, name, choose, own, write, chosen };
}

function inputOf(sample: { input: string; output: string } | undefined, own: string): RunInput {
  return sample ? { stdin: sample.input, expected_output: sample.output } : { stdin: own };
}

export function InputPane({ input }: { input: ReturnType<typeof useOwnInput> }) {
  const { choices, sample, name, choose, own, write } = input;
  return (
    <div className="input-pane">
      <fieldset className="choices">
        <legend className="hidden">Input of a run</legend>
        {choices.map((each) => (
          <label key={each.name}>
            <input
              type="radio"
              name="run-input"
              checked={name === each.name}
              onChange={() => choose(each.name)}
            />
            {each.title}
          </label>
        ))}
      </fieldset>
      {sample ? (
        <LongText className="sample-text" label="Input of the sample">
          {sample.input}
        </LongText>
      ) : null}
      {name === ALL ? (
        <p className="faint">Run tries every sample and compares what your program prints.</p>
      ) : null}
      {name === OWN ? (
        <textarea
          className="input mono"
          aria-label="Own input"
          spellCheck={false}
          value={own}
          placeholder="What the program reads from standard input"
          onChange={(event) => write(event.target.value)}
        />
      ) : null}
    </div>
  );
}
