import { useState } from "react";
import { kilobytes, milliseconds } from "../furniture/amounts";
import { Tabs } from "../furniture/Tabs";
import { TestDetail } from "../verdict/TestDetail";
import { TestVerdict } from "../verdict/VerdictBadge";
import type { TestRow } from "../wire/types";

/** The inputs of a run, each with what came of it; the first that went wrong is open. */
export function RunTests({ tests }: { tests: TestRow[] }) {
  const firstWrong = tests.find((test) => test.verdict !== "AC") ?? tests[0];
  const [open, setOpen] = useState(firstWrong?.name ?? "");
  const test = tests.find((each) => each.name === open) ?? firstWrong;
  if (!test) return null;
  const figures = (
    <p className="verdict-aside">
      {milliseconds(test.cpu_ms)} · {kilobytes(test.memory_kb)}
    </p>
  );
  if (tests.length === 1) {
    return (
      <>
        {figures}
        <TestDetail test={test} />
      </>
    );
  }
  const tabs = tests.map((each) => ({ name: each.name, title: <TestTab test={each} /> }));
  return (
    <Tabs label="Inputs of the run" tabs={tabs} open={test.name} choose={setOpen}>
      {figures}
      <TestDetail test={test} />
    </Tabs>
  );
}

function TestTab({ test }: { test: TestRow }) {
  return (
    <>
      {test.name} <TestVerdict verdict={test.verdict} />
    </>
  );
}
