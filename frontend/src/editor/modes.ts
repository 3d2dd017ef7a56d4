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
  commonlisp: stream(async () => (await import("@codemirror/legacy-modes/mode/commonlisp")).commonLisp),
  cpp,
  csharp: stream(async () => (await clike()).csharp),
  d: stream(async () => (await import("@codemirror/legacy-modes/mode/d")).d),
  erlang: stream(async () => (await import("@codemirror/legacy-modes/mode/erlang")).erlang),
  fortran: stream(async () => (await import("@codemirror/legacy-modes/mode/fortran")).fortran),
  gas: stream(async () => (await import("@codemirror/legacy-modes/mode/gas")).gas),
  go: async () => (await import("@codemirror/lang-go")).go(),
  haskell: stream(async () => (await import("@codemirror/legacy-modes/mode/haskell")).haskell),
  java: async () => (await import("@codemirror/lang-java")).java(),
  javascript: async () => (await import("@codemirror/lang-javascript")).javascript(),
  kotlin: stream(async () => (await clike()).kotlin),
  lua: stream(async () => (await import("@codemirror/legacy-modes/mode/lua")).lua),
  ocaml: stream(async () => (await import("@codemirror/legacy-modes/mode/mllike")).oCaml),
  octave: stream(async () => (await import("@codemirror/legacy-modes/mode/octave")).octave),
  pascal: stream(async () => (await import("@codemirror/legacy-modes/mode/pascal")).pascal),
  perl: stream(async () => (await import("@codemirror/legacy-modes/mode/perl")).perl),
  python: async () => (await import("@codemirror/lang-python")).python(),
  r: stream(async () => (await import("@codemirror/legacy-modes/mode/r")).r),
  ruby: stream(async () => (await import("@codemirror/legacy-modes/mode/ruby")).ruby),
  rust: async () => (await import("@codemirror/lang-rust")).rust(),
  scala: stream(async () => (await clike()).scala),
  scheme: stream(async () => (await import("@codemirror/legacy-modes/mode/scheme")).scheme),
  shell: stream(async () => (await import("@codemirror/legacy-modes/mode/shell")).shell),
  sql: stream(async () => (await import("@codemirror/legacy-modes/mode/sql")).standardSQL),
  swift: stream(async () => (await import("@codemirror/legacy-modes/mode/swift")).swift),
  typescript: async () => (await import("@codemirror/lang-javascript")).javascript({ typescript: true }),
};

/** The highlighting for a mode, or `null` for plain text. */
export async function loadMode(name: string): Promise<LanguageSupport | null> {
  const load = MODES[name];
  return load ? load() : null;
}
