import { Trans } from "@lingui/react/macro";
import { t } from "@lingui/core/macro";
import { lazy, type RefObject, Suspense, useEffect, useRef, useState } from "react";
import type { EditorHandle } from "../editor/CodeEditor";
import { ErrorBoundary } from "../components/ErrorBoundary";
import { SplitPane } from "../components/SplitPane";
import { Tabs } from "../components/Tabs";
import type { Language, Problem, Status } from "../api/types";
import { sourceMarks } from "../verdict/sourceLocations";
import { ActionBar } from "./ActionBar";
import { EditorPane } from "./EditorPane";
import { type Phone, PhoneBar } from "./PhoneBar";
import type { Program } from "./programFiles";
import { RunInputPane, useRunInput } from "./RunInputPane";
import { RunResultPane } from "./RunResultPane";
import { useLatestSubmission } from "./useLatestSubmission";
import { VerdictPane } from "./VerdictPane";
import { useDraft, useDraftOwner } from "./useDraft";
import { useShortcuts } from "./useShortcuts";
import { useRun, useSubmit } from "./useSubmit";

const SignInDialog = lazy(() => import("../auth/SignInDialog"));

type Pane = "input" | "run" | "verdict";
const PANES = [
  { name: "input", title: <Trans>Input</Trans> },
  { name: "run", title: <Trans>Run</Trans> },
  { name: "verdict", title: <Trans>Verdict</Trans> },
] as const;

/** Marks in the editor what the compiler refused. */
function useCompileMarks(status: Status | null, editor: RefObject<EditorHandle | null>) {
  const text = status?.verdict === "CE" ? (status.compile_output ?? "") : "";
  useEffect(() => editor.current?.mark(sourceMarks(text)), [text, editor]);
}

interface Props {
  problem: Problem;
  languages: Language[] | undefined;
  event: string | undefined;
  /** The part that a narrow screen shows. On a wide screen it is not set, and all parts are shown. */
  phone?: Phone;
}

/** The editor above, and input, run result and verdict below. It begins anew with another account's drafts. */
export function CodePane(props: Props) {
  const drafts = useDraftOwner(props.problem.slug);
  const owner = drafts.owner;
  const isReady = drafts.isReady && props.languages !== undefined;
  return <CodePaneOf key={`${owner} ${isReady}`} {...props} owner={owner} isReady={isReady} />;
}

function CodePaneOf(props: Props & { owner: string; isReady: boolean }) {
  const { problem, languages, event, phone, owner, isReady } = props;
  const draft = useDraft(problem, languages ?? [], owner);
  const editor = useRef<EditorHandle>(null);
  const input = useRunInput(problem, owner);
  const [pane, setPane] = useState<Pane>("input");
  const [files, setFiles] = useState<readonly File[]>([]);
  const run = useRun();
  const submit = useSubmit();
  const language = draft.language?.id;
  const goTo = (line: number, column?: number) => {
    phone?.show("code");
    editor.current?.goTo(line, column);
  };
  useLatestSubmission(owner === "" ? null : problem.slug, (latest) => {
    submit.follow(latest);
    setPane("verdict");
  });

  useCompileMarks(submit.progress.status, editor);
  useCompileMarks(run.progress.status, editor);

  const startRun = () => {
    if (!language || run.progress.isSending) return;
    setPane("run");
    phone?.show("results");
    run.send({ language, source: draft.getText(), problem: problem.slug, ...input.chosen });
  };
  const submitProgram = (program: Program, chosen: readonly File[]) => {
    if (!language || submit.progress.isSending || problem.suspended) return;
    setPane("verdict");
    phone?.show("results");
    setFiles(chosen);
    submit.send({ problem: problem.slug, language, ...program, ...(event ? { event } : {}) });
  };
  const startSubmit = () => submitProgram({ source: draft.getText() }, []);
  useShortcuts(startRun, startSubmit);
  const editing = (
    <EditorPane draft={draft} isReady={isReady} problem={problem} editor={editor} run={startRun} submit={startSubmit} />
  );
  const results = (
    <Tabs label={t`Console`} tabs={PANES} open={pane} choose={setPane}>
      {pane === "input" ? <RunInputPane input={input} /> : null}
      {pane === "run" ? <RunResultPane progress={run.progress} goTo={goTo} /> : null}
      {pane === "verdict" ? (
        <VerdictPane progress={submit.progress} goTo={goTo} files={files} isInEvent={event !== undefined} />
      ) : null}
    </Tabs>
  );
  const actions = (
    <ActionBar
      run={startRun}
      submit={startSubmit}
      isRunning={run.progress.isSending}
      isSubmitting={submit.progress.isSending}
      suspension={problem.suspended}
      language={draft.language?.name}
      submitProgram={submitProgram}
      isShort={phone !== undefined}
    />
  );
  return (
    <div className="code-pane">
      {phone ? (
        <>
          {phone.view === "statement" ? null : <h1 className="visually-hidden">{problem.name}</h1>}
          <div className="phone-view" hidden={phone.view !== "code"}>
            {editing}
          </div>
          <div className="phone-view result-pane" hidden={phone.view !== "results"}>
            {results}
          </div>
          <PhoneBar phone={phone}>{actions}</PhoneBar>
        </>
      ) : (
        <SplitPane storageKey="gavel.split.workbench" direction="rows" label={t`Height of the editor`} share={52}>
          {editing}
          <div className="result-pane">
            {results}
            {actions}
          </div>
        </SplitPane>
      )}
      <ErrorBoundary fallback={null}>
        <Suspense>
          {run.needsSignIn ? (
            <SignInDialog
              note={t`Your program is kept, and is run then.`}
              onSignedIn={run.sendAgain}
              onClose={run.giveUp}
            />
          ) : null}
          {submit.needsSignIn ? (
            <SignInDialog
              note={t`Your program is kept, and is submitted then.`}
              onSignedIn={submit.sendAgain}
              onClose={submit.giveUp}
            />
          ) : null}
        </Suspense>
      </ErrorBoundary>
    </div>
  );
}
