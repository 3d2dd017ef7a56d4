import { t } from "@lingui/core/macro";
import { useState } from "react";
import type { Language, Problem } from "../api/types";
import { SplitPane } from "../components/SplitPane";
import { CodePane } from "./CodePane";
import type { PhoneView } from "./PhoneBar";
import { ProblemMetadata } from "./ProblemMetadata";
import { StatementPane } from "./StatementPane";
import { useIsNarrow } from "./useIsNarrow";
import "./problem.css";

interface Props {
  problem: Problem;
  /** `undefined` while they load. */
  languages: Language[] | undefined;
  /** The event to which the program is submitted. */
  event?: string;
}

/** The statement beside the editor. A narrow screen shows one of them at a time, and a bar that is always there. */
export function ProblemPanes({ problem, languages, event }: Props) {
  const isNarrow = useIsNarrow();
  const [view, show] = useState<PhoneView>("statement");
  const statement = (
    <>
      <ProblemMetadata problem={problem} />
      <StatementPane problem={problem} />
    </>
  );
  if (isNarrow) {
    return (
      <div className="problem-page-narrow">
        <div className="phone-view" hidden={view !== "statement"}>
          {statement}
        </div>
        <CodePane problem={problem} languages={languages} event={event} phone={{ view, show }} />
      </div>
    );
  }
  return (
    <div className="problem-page">
      <SplitPane storageKey="gavel.split.solving" direction="columns" label={t`Width of the statement`} share={44}>
        {statement}
        <CodePane problem={problem} languages={languages} event={event} />
      </SplitPane>
    </div>
  );
}
