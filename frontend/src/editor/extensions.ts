import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
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
import { codeColours, editorColours } from "./colours";

/** The nonce of this page's Content-Security-Policy: without it the editor's style element is refused. */
function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
}

export interface Wishes {
  label: string;
  describedBy: string;
  run: () => void;
  submit: () => void;
  changed: (text: string) => void;
}

/** Everything the editor can do but the language and the size of its letters, which may change later. */
export function basicExtensions(wishes: Wishes): Extension[] {
  return [
    EditorView.cspNonce.of(styleNonce()),
    shortcuts(wishes),
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
    autocompletion(),
    rectangularSelection(),
    highlightActiveLine(),
    highlightSelectionMatches(),
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...lintKeymap,
      ...searchKeymap,
      ...historyKeymap,
    ]),
    keymap.of([...defaultKeymap, indentWithTab]),
    syntaxHighlighting(codeColours),
    editorColours,
    EditorView.contentAttributes.of({ "aria-label": wishes.label, "aria-describedby": wishes.describedBy }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) wishes.changed(update.state.doc.toString());
    }),
  ];
}

function shortcuts(wishes: Wishes): Extension {
  const doing = (act: () => void) => () => {
    act();
    return true;
  };
  return keymap.of([
    { key: "Mod-Enter", run: doing(wishes.submit) },
    { key: "Mod-'", run: doing(wishes.run) },
  ]);
}
