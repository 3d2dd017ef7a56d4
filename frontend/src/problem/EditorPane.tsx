import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useId } from "react";
import type { EditorHandle } from "../editor/CodeEditor";
import { ProgramEditor } from "../editor/ProgramEditor";
import { ConfirmButton } from "../components/ConfirmButton";
import { Icon } from "../components/Icon";
import type { Problem } from "../api/types";
import { EditorSettings } from "./EditorSettings";
import { FormatButton } from "./FormatButton";
import { LanguageNote } from "./LanguageNote";
import { LanguageSelect } from "./LanguageSelect";
import { ShortcutHelp } from "./ShortcutHelp";
import type { useDraft } from "./useDraft";
import { useEditorSettings } from "./useEditorSettings";

interface Props {
  draft: ReturnType<typeof useDraft>;
  /** Whether the account's drafts are loaded. Nothing can be typed before. */
  isReady: boolean;
  problem: Problem;
  editor: React.RefObject<EditorHandle | null>;
  run: () => void;
  submit: () => void;
}

export function EditorPane({ draft, isReady, problem, editor, run, submit }: Props) {
  const settings = useEditorSettings();
  const { size, font, keys } = settings;
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
        <span className="editor-bar-end">
          <FormatButton language={language} getText={draft.getText} replace={(text) => editor.current?.replace(text)} />
          <ConfirmButton
            label={<Icon name="reset" />}
            accessibleName={t`Start over with the starter code`}
            className="button quiet small icon-only"
            question={t`Start over?`}
            consequence={t`Your draft in this language is replaced by the starter code. Undo in the editor brings it back until you leave the page.`}
            onConfirm={() => editor.current?.replace(draft.starter)}
          />
          <EditorSettings settings={settings} />
          <ShortcutHelp />
        </span>
      </div>
      <LanguageNote language={language} limits={limits} />
      <p id={help} className="visually-hidden">
        <Trans>To leave the editor by keyboard press Escape, then Tab.</Trans>
      </p>
      {isReady ? (
        <ProgramEditor
          key={`${problem.slug} ${language.id}`}
          getText={draft.getText}
          mode={language.editor_mode}
          fontSize={Number(size)}
          font={font && `"${font}", monospace`}
          hasVimKeys={keys === "vim"}
          label={t`Your program in ${language.name}`}
          describedBy={help}
          onChange={draft.setText}
          onRun={run}
          onSubmit={submit}
          handle={editor}
        />
      ) : (
        <EditorPlaceholder text={draft.initialText} size={size} />
      )}
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
