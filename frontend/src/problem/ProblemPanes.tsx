import { t } from "@lingui/core/macro";
import type { Language, Problem } from "../api/types";
import { SplitPane } from "../components/SplitPane";
import { CodePane } from "./CodePane";
import { ProblemMetadata } from "./ProblemMetadata";
import { StatementPane } from "./StatementPane";
import { useIsNarrow } from "./useIsNarrow";
import "./problem.css";

interface Props {
  problem: Problem;
  languages: Language[];
  /** The event into which is submitted. */
  event?: string;
}

/** The statement beside the editor, or above it on a narrow screen. */
export function ProblemPanes({ problem, languages, event }: Props) {
  const isNarrow = useIsNarrow();
  const statement = (
    <>
      <ProblemMetadata problem={problem} />
      <StatementPane problem={problem} />
    </>
  );
  const code = <CodePane problem={problem} languages={languages} event={event} />;
  if (isNarrow) {
    return (
      <div className="problem-page-narrow">
        {statement}
        {code}
      </div>
    );
  }
  return (
    <div className="problem-page">
      <SplitPane storageKey="gavel.split.solving" direction="columns" label={t`Width of the statement`} share={44}>
        {statement}
        {code}
      </SplitPane>
    </div>
  );
}
