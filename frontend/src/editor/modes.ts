import { LanguageSupport, StreamLanguage, type StreamParser } from "@codemirror/language";

type Loader = () => Promise<LanguageSupport>;

function stream(load: () => Promise<StreamParser<unknown>>): Loader {
  return async () => new LanguageSupport(StreamLanguage.define(await load()));
}

const clike = () => import("@codemirror/legacy-modes/mode/clike");
const cpp: Loader = async () => (await import("@codemirror/lang-cpp")).cpp();

/** From the language catalog's `editor_mode` to CodeMirror's mode; each is loaded when first used. */
const MODES: Record<string, Loader> = {
  c: cpp,
  cpp,
  csharp: stream(async () => (await clike()).csharp),
  go: async () => (await import("@codemirror/lang-go")).go(),
  haskell: stream(async () => (await import("@codemirror/legacy-modes/mode/haskell")).haskell),
  java: async () => (await import("@codemirror/lang-java")).java(),
  javascript: async () => (await import("@codemirror/lang-javascript")).javascript(),
  kotlin: stream(async () => (await clike()).kotlin),
  lua: stream(async () => (await import("@codemirror/legacy-modes/mode/lua")).lua),
  ocaml: stream(async () => (await import("@codemirror/legacy-modes/mode/mllike")).oCaml),
  pascal: stream(async () => (await import("@codemirror/legacy-modes/mode/pascal")).pascal),
  perl: stream(async () => (await import("@codemirror/legacy-modes/mode/perl")).perl),
  python: async () => (await import("@codemirror/lang-python")).python(),
  r: stream(async () => (await import("@codemirror/legacy-modes/mode/r")).r),
  ruby: stream(async () => (await import("@codemirror/legacy-modes/mode/ruby")).ruby),
  rust: async () => (await import("@codemirror/lang-rust")).rust(),
  scala: stream(async () => (await clike()).scala),
  shell: stream(async () => (await import("@codemirror/legacy-modes/mode/shell")).shell),
  typescript: async () => (await import("@codemirror/lang-javascript")).javascript({ typescript: true }),
};

/** The highlighting for a mode, or `null` for plain text. */
export async function loadMode(name: string): Promise<LanguageSupport | null> {
  const load = MODES[name];
  return load ? load() : null;
}
