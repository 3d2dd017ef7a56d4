import { useRef, useState } from "react";
import type { EditorHandle } from "../editor/CodeEditor";
import { Split } from "../furniture/Split";
import { Tabs } from "../furniture/Tabs";
import type { Language, Problem } from "../wire/types";
import { ActionBar } from "./ActionBar";
import { EditorPane } from "./EditorPane";
import { InputPane, useOwnInput } from "./InputPane";
import { RunPane } from "./RunPane";
import { SubmitPane } from "./SubmitPane";
import { useDraft } from "./useDraft";
import { useRun, useSubmit } from "./useSubmit";

type Pane = "input" | "run" | "verdict";
const PANES = [
  { name: "input", title: "Input" },
  { name: "run", title: "Run" },
  { name: "verdict", title: "Verdict" },
] as const;

/** Where the work is done: the editor above, what came of it below. */
export function Workbench({ problem, languages }: { problem: Problem; languages: Language[] }) {
  const draft = useDraft(problem, languages);
  const editor = useRef<EditorHandle>(null);
  const input = useOwnInput(problem);
  const [pane, setPane] = useState<Pane>("input");
  const run = useRun();
  const submit = useSubmit();
  const language = draft.language?.id;
  const goTo = (line: number, column?: number) => editor.current?.goTo(line, column);

  const doRun = () => {
    if (!language || run.judging.isSending) return;
    setPane("run");
    run.send({ language, source: draft.read(), problem: problem.slug, ...input.chosen });
  };
  const doSubmit = () => {
    if (!language || submit.judging.isSending) return;
    setPane("verdict");
    submit.send({ problem: problem.slug, language, source: draft.read() });
  };
  return (
    <div className="workbench">
      <Split name="workbench" direction="rows" label="Height of the editor" share={52}>
        <EditorPane draft={draft} problem={problem} editor={editor} run={doRun} submit={doSubmit} />
        <div className="console">
          <Tabs label="Console" tabs={PANES} open={pane} choose={setPane}>
            {pane === "input" ? <InputPane input={input} /> : null}
            {pane === "run" ? <RunPane judging={run.judging} goTo={goTo} /> : null}
            {pane === "verdict" ? <SubmitPane judging={submit.judging} goTo={goTo} /> : null}
          </Tabs>
          <ActionBar
            run={doRun}
            submit={doSubmit}
            isRunning={run.judging.isSending}
            isSubmitting={submit.judging.isSending}
          />
        </div>
      </Split>
    </div>
  );
}
