import { Trans } from "@lingui/react/macro";
import { t } from "@lingui/core/macro";
import { useRef, useState } from "react";
import type { EditorHandle } from "../editor/CodeEditor";
import { SplitPane } from "../components/SplitPane";
import { Tabs } from "../components/Tabs";
import type { Language, Problem } from "../api/types";
import { ActionBar } from "./ActionBar";
import { EditorPane } from "./EditorPane";
import type { Program } from "./programFiles";
import { RunInputPane, useRunInput } from "./RunInputPane";
import { RunResultPane } from "./RunResultPane";
import { VerdictPane } from "./VerdictPane";
import { useDraft } from "./useDraft";
import { useRun, useSubmit } from "./useSubmit";

type Pane = "input" | "run" | "verdict";
const PANES = [
  { name: "input", title: <Trans>Input</Trans> },
  { name: "run", title: <Trans>Run</Trans> },
  { name: "verdict", title: <Trans>Verdict</Trans> },
] as const;

interface Props {
  problem: Problem;
  languages: Language[];
  event: string | undefined;
}

/** The editor above, and input, run result and verdict below. */
export function CodePane({ problem, languages, event }: Props) {
  const draft = useDraft(problem, languages);
  const editor = useRef<EditorHandle>(null);
  const input = useRunInput(problem);
  const [pane, setPane] = useState<Pane>("input");
  const [files, setFiles] = useState<readonly File[]>([]);
  const run = useRun();
  const submit = useSubmit();
  const language = draft.language?.id;
  const goTo = (line: number, column?: number) => editor.current?.goTo(line, column);

  const startRun = () => {
    if (!language || run.progress.isSending) return;
    setPane("run");
    run.send({ language, source: draft.getText(), problem: problem.slug, ...input.chosen });
  };
  const submitProgram = (program: Program, chosen: readonly File[]) => {
    if (!language || submit.progress.isSending || problem.suspended) return;
    setPane("verdict");
    setFiles(chosen);
    submit.send({ problem: problem.slug, language, ...program, ...(event ? { event } : {}) });
  };
  const startSubmit = () => submitProgram({ source: draft.getText() }, []);
  return (
    <div className="code-pane">
      <SplitPane storageKey="gavel.split.workbench" direction="rows" label={t`Height of the editor`} share={52}>
        <EditorPane draft={draft} problem={problem} editor={editor} run={startRun} submit={startSubmit} />
        <div className="result-pane">
          <Tabs label={t`Console`} tabs={PANES} open={pane} choose={setPane}>
            {pane === "input" ? <RunInputPane input={input} /> : null}
            {pane === "run" ? <RunResultPane progress={run.progress} goTo={goTo} /> : null}
            {pane === "verdict" ? <VerdictPane progress={submit.progress} goTo={goTo} files={files} /> : null}
          </Tabs>
          <ActionBar
            run={startRun}
            submit={startSubmit}
            isRunning={run.progress.isSending}
            isSubmitting={submit.progress.isSending}
            suspension={problem.suspended}
            language={draft.language?.name}
            submitProgram={submitProgram}
          />
        </div>
      </SplitPane>
    </div>
  );
}
