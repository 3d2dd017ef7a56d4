import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { ScrollablePre } from "../components/ScrollablePre";
import { useLocalStorage } from "../lib/useLocalStorage";
import type { Problem } from "../api/types";
import type { RunInput } from "./useSubmit";

const CUSTOM = "own";
const ALL = "all";

/** The input of a run: all samples, one sample with its expected output, or custom input. */
export function useRunInput(problem: Problem) {
  const samples = problem.samples.filter((sample) => !sample.interaction);
  const [name, choose] = useState(problem.samples.length > 0 ? ALL : CUSTOM);
  const [text, setText] = useLocalStorage(`gavel.input.${problem.slug}`, "");
  const sample = samples.find((each) => each.name === name);
  const choices = [
    ...(problem.samples.length > 0 ? [{ name: ALL, title: t`All samples` }] : []),
    ...samples.map((each, index) => ({ name: each.name, title: t`Sample ${index + 1}` })),
    { name: CUSTOM, title: t`Own input` },
  ];
  const chosen: RunInput = name === ALL ? {} : inputOf(sample, text);
  return { choices, sample, name, choose, text, setText, chosen };
}

function inputOf(sample: { input: string; output: string } | undefined, text: string): RunInput {
  return sample ? { stdin: sample.input, expected_output: sample.output } : { stdin: text };
}

export function RunInputPane({ input }: { input: ReturnType<typeof useRunInput> }) {
  const { choices, sample, name, choose, text, setText } = input;
  return (
    <div className="input-pane">
      <fieldset className="choices">
        <legend className="visually-hidden">
          <Trans>Input of a run</Trans>
        </legend>
        {choices.map((each) => (
          <label key={each.name}>
            <input type="radio" name="run-input" checked={name === each.name} onChange={() => choose(each.name)} />
            {each.title}
          </label>
        ))}
      </fieldset>
      {sample ? (
        <ScrollablePre className="sample-text" label={t`Input of the sample`}>
          {sample.input}
        </ScrollablePre>
      ) : null}
      {name === ALL ? (
        <p className="muted">
          <Trans>Run tries every sample and compares what your program prints.</Trans>
        </p>
      ) : null}
      {name === CUSTOM ? (
        <textarea
          className="input mono"
          aria-label={t`Own input`}
          spellCheck={false}
          value={text}
          placeholder={t`What the program reads from standard input`}
          onChange={(event) => setText(event.target.value)}
        />
      ) : null}
    </div>
  );
}
