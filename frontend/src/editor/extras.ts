import { t } from "@lingui/core/macro";
import { autocompletion, completeAnyWord, type CompletionSource, completionKeymap } from "@codemirror/autocomplete";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension, Prec } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { wordsOf } from "./words";

const MOST_OPTIONS = 40;

/** Completion and search, which the editor loads after it is shown. Neither is needed to read or to type. */
export function extras(mode: string): Extension[] {
  const words = wordsOf(mode);
  const completeWords: CompletionSource = (context) => {
    const word = context.matchBefore(/[\w$]+/);
    if (!word || (word.to - word.from < 2 && !context.explicit)) return null;
    return { from: word.from, options: words, validFor: /^[\w$]*$/ };
  };
  return [
    autocompletion({ override: [completeWords, completeAnyWord], maxRenderedOptions: MOST_OPTIONS, icons: false }),
    EditorState.phrases.of({
      Find: t`Find`,
      Replace: t`Replace`,
      next: t`Next`,
      previous: t`Previous`,
      all: t`All`,
      "match case": t`Match case`,
      regexp: t`Regular expression`,
      "by word": t`Whole words`,
      replace: t`Replace this`,
      "replace all": t`Replace all`,
      close: t`Close`,
      Completions: t`Completions`,
      "Go to line": t`Go to line`,
      go: t`Go`,
      Diagnostics: t`Compiler messages`,
      "No diagnostics": t`No compiler messages`,
    }),
    search({ top: true }),
    highlightSelectionMatches(),
    // These keys have priority over Tab and Enter of the basic keys.
    Prec.high(keymap.of([...completionKeymap, ...lintKeymap, ...searchKeymap])),
  ];
}
