import { t } from "@lingui/core/macro";
import { useState } from "react";
import { formatKilobytes, formatMilliseconds } from "../lib/format";
import { Tabs } from "../components/Tabs";
import type { GoTo } from "../verdict/CompileMessage";
import { TestDetail } from "../verdict/TestDetail";
import { TestVerdict } from "../verdict/VerdictBadge";
import type { TestRow } from "../api/types";

interface Props {
  tests: TestRow[];
  goTo: GoTo;
  hasOwnChecker?: boolean | undefined;
}

/** The inputs of a run with their results; the first failed input is open. */
export function RunTestTabs({ tests, goTo, hasOwnChecker }: Props) {
  const firstWrong = tests.find((test) => test.verdict !== "AC") ?? tests[0];
  const [open, setOpen] = useState(firstWrong?.name ?? "");
  const test = tests.find((each) => each.name === open) ?? firstWrong;
  if (!test) return null;
  const figures = (
    <p className="verdict-aside">
      {formatMilliseconds(test.cpu_ms)} · {formatKilobytes(test.memory_kb)}
    </p>
  );
  if (tests.length === 1) {
    return (
      <>
        {figures}
        <TestDetail test={test} goTo={goTo} hasOwnChecker={hasOwnChecker} />
      </>
    );
  }
  const tabs = tests.map((each) => ({ name: each.name, title: <TestTab test={each} /> }));
  return (
    <Tabs label={t`Inputs of the run`} tabs={tabs} open={test.name} choose={setOpen}>
      {figures}
      <TestDetail test={test} goTo={goTo} hasOwnChecker={hasOwnChecker} />
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
