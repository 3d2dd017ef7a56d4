import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { lazy, type Ref, Suspense, useId } from "react";
import type { EditorHandle } from "../editor/CodeEditor";
import { ConfirmButton } from "../components/ConfirmButton";
import { Icon } from "../components/Icon";
import { useLocalStorage } from "../lib/useLocalStorage";
import type { Problem } from "../api/types";
import { LanguageNote } from "./LanguageNote";
import { LanguageSelect } from "./LanguageSelect";
import { ShortcutHelp } from "./ShortcutHelp";
import type { useDraft } from "./useDraft";

const CodeEditor = lazy(() => import("../editor/CodeEditor"));
const SIZES = ["12", "13", "14", "16", "18", "20", "24"];

interface Props {
  draft: ReturnType<typeof useDraft>;
  /** The drafts of the account are here: before that nothing is typed. */
  isReady: boolean;
  problem: Problem;
  editor: React.RefObject<EditorHandle | null>;
  run: () => void;
  submit: () => void;
}

export function EditorPane({ draft, isReady, problem, editor, run, submit }: Props) {
  const [size, setSize] = useLocalStorage("gavel.font-size", "14");
  const help = useId();
  const { language } = draft;
  if (!language && !isReady) return <div className="editor-pane" aria-busy="true" />;
  if (!language)
    return (
      <p className="pane-note">
        <Trans>No language is set up on this server.</Trans>
      </p>
    );
  const limits = problem.language_limits?.[language.id];
  return (
    <div className="editor-pane">
      <div className="editor-bar">
        <LanguageSelect languages={draft.languages} language={language} limits={limits} choose={draft.choose} />
        <select
          className="input small"
          aria-label={t`Size of the letters`}
          value={size}
          onChange={(event) => setSize(event.target.value)}
        >
          {SIZES.map((each) => (
            <option key={each} value={each}>
              <Trans>{each} px</Trans>
            </option>
          ))}
        </select>
        <span className="editor-bar-end">
          <ConfirmButton
            label={<Icon name="reset" />}
            accessibleName={t`Start over with the starter code`}
            className="button quiet small icon-only"
            question={t`Start over?`}
            consequence={t`Your draft in this language is replaced by the starter code. Undo in the editor brings it back until you leave the page.`}
            onConfirm={() => editor.current?.replace(draft.starter)}
          />
          <ShortcutHelp />
        </span>
      </div>
      <LanguageNote language={language} limits={limits} />
      <p id={help} className="visually-hidden">
        <Trans>To leave the editor by keyboard press Escape, then Tab.</Trans>
      </p>
      <Suspense fallback={<EditorPlaceholder text={draft.initialText} size={size} />}>
        {isReady ? null : <EditorPlaceholder text={draft.initialText} size={size} />}
        {isReady ? (
          <CodeEditor
            key={`${problem.slug} ${language.id}`}
            text={draft.initialText}
            mode={language.editor_mode}
            fontSize={Number(size)}
            label={t`Your program in ${language.name}`}
            describedBy={help}
            onChange={draft.setText}
            onRun={run}
            onSubmit={submit}
            handle={editor as Ref<EditorHandle>}
          />
        ) : null}
      </Suspense>
    </div>
  );
}

/** The draft as plain text while the editor loads, so that the layout does not shift. */
function EditorPlaceholder({ text, size }: { text: string; size: string }) {
  return (
    <pre className="editor-placeholder" aria-busy="true" style={{ fontSize: `${size}px` }}>
      {text}
    </pre>
  );
}
