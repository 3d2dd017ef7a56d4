import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from "@codemirror/view";
import { highlightColours, editorColours } from "./colours";

/** The nonce of this page's Content-Security-Policy: without it the editor's style element is refused. */
function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
}

export interface EditorOptions {
  label: string;
  describedBy: string;
  onRun: () => void;
  onSubmit: () => void;
  onChange: (text: string) => void;
}

/** All extensions except the language and the font size, which may change later. */
export function basicExtensions(options: EditorOptions): Extension[] {
  return [
    EditorView.cspNonce.of(styleNonce()),
    shortcuts(options),
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    indentOnInput(),
    indentUnit.of("    "),
    bracketMatching(),
    closeBrackets(),
    rectangularSelection(),
    highlightActiveLine(),
    keymap.of([...closeBracketsKeymap, ...historyKeymap]),
    keymap.of([...defaultKeymap, indentWithTab]),
    syntaxHighlighting(highlightColours),
    editorColours,
    EditorView.contentAttributes.of({ "aria-label": options.label, "aria-describedby": options.describedBy }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) options.onChange(update.state.doc.toString());
    }),
  ];
}

function shortcuts(options: EditorOptions): Extension {
  const command = (action: () => void) => () => {
    action();
    return true;
  };
  return keymap.of([
    { key: "Mod-Enter", run: command(options.onSubmit) },
    { key: "Mod-'", run: command(options.onRun) },
  ]);
}
