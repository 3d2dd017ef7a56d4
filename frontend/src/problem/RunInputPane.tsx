import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { Icon } from "../components/Icon";
import { ScrollablePre } from "../components/ScrollablePre";
import { readStored, writeStored } from "../lib/useLocalStorage";
import type { Problem } from "../api/types";
import { inputsKey } from "./drafts";
import type { RunInput } from "./useSubmit";

const ALL = "all";
const OWN = "own ";
const MOST_OWN = 12;

/** An own test: its input, and the output that is expected, if any. */
interface OwnTest {
  input: string;
  expected: string;
}

const EMPTY: OwnTest = { input: "", expected: "" };

function useOwnTests(key: string) {
  const [tests, setTests] = useState(() => readTests(key));
  const store = (next: OwnTest[]) => {
    setTests(next);
    writeStored(key, next.every((test) => !test.input && !test.expected) ? null : JSON.stringify(next));
  };
  return { tests, store };
}

function readTests(key: string): OwnTest[] {
  try {
    const found = JSON.parse(readStored(key) ?? "null") as unknown;
    if (Array.isArray(found) && found.length > 0) return found.map(asTest);
  } catch {
    // The stored text is not of these pages: begin with one empty test.
  }
  return [EMPTY];
}

function asTest(found: unknown): OwnTest {
  const { input, expected } = (found ?? {}) as Partial<Record<keyof OwnTest, unknown>>;
  return {
    input: typeof input === "string" ? input : "",
    expected: typeof expected === "string" ? expected : "",
  };
}

/** The input of a run: all samples, one sample with its expected output, or one of the own tests. */
export function useRunInput(problem: Problem, owner: string) {
  const samples = problem.samples.filter((sample) => !sample.interaction);
  const own = useOwnTests(inputsKey(owner, problem.slug));
  const [name, choose] = useState(problem.samples.length > 0 ? ALL : `${OWN}0`);
  const at = name.startsWith(OWN) ? Number(name.slice(OWN.length)) : -1;
  const sample = samples.find((each) => each.name === name);
  const test = own.tests[at];
  const isOnly = own.tests.length === 1;
  const choices = [
    ...(problem.samples.length > 0 ? [{ name: ALL, title: t`All samples` }] : []),
    ...samples.map((each, index) => ({ name: each.name, title: t`Sample ${index + 1}` })),
    ...own.tests.map((_, index) => ({
      name: `${OWN}${index}`,
      title: isOnly ? t`Own input` : t`Own input ${index + 1}`,
    })),
  ];
  return {
    choices,
    sample,
    name,
    choose,
    test,
    change: (next: Partial<OwnTest>) =>
      own.store(own.tests.map((each, index) => (index === at ? { ...each, ...next } : each))),
    add:
      own.tests.length < MOST_OWN
        ? () => {
            own.store([...own.tests, EMPTY]);
            choose(`${OWN}${own.tests.length}`);
          }
        : null,
    remove: isOnly
      ? null
      : () => {
          own.store(own.tests.filter((_, index) => index !== at));
          choose(`${OWN}${Math.max(0, at - 1)}`);
        },
    chosen: inputOf(sample, test),
  };
}

function inputOf(sample: { input: string; output: string } | undefined, test: OwnTest | undefined): RunInput {
  if (sample) return { stdin: sample.input, expected_output: sample.output };
  if (!test) return {};
  return { stdin: test.input, ...(test.expected ? { expected_output: test.expected } : {}) };
}

export function RunInputPane({ input }: { input: ReturnType<typeof useRunInput> }) {
  const { choices, sample, name, choose, test, add } = input;
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
        {add ? (
          <button type="button" className="button quiet small" onClick={add}>
            <Icon name="plus" />
            <Trans>Add an input</Trans>
          </button>
        ) : null}
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
      {test ? <OwnTestFields test={test} change={input.change} remove={input.remove} /> : null}
    </div>
  );
}

interface OwnTestProps {
  test: OwnTest;
  change: (next: Partial<OwnTest>) => void;
  remove: (() => void) | null;
}

function OwnTestFields({ test, change, remove }: OwnTestProps) {
  return (
    <>
      <div className="own-test">
        <textarea
          className="input mono"
          aria-label={t`Own input`}
          spellCheck={false}
          value={test.input}
          placeholder={t`What the program reads from standard input`}
          onChange={(event) => change({ input: event.target.value })}
        />
        <textarea
          className="input mono"
          aria-label={t`Expected output`}
          spellCheck={false}
          value={test.expected}
          placeholder={t`Expected output, if you know it`}
          onChange={(event) => change({ expected: event.target.value })}
        />
      </div>
      {remove ? (
        <button type="button" className="button quiet small" onClick={remove}>
          <Trans>Remove this input</Trans>
        </button>
      ) : null}
    </>
  );
}
