import { type Diagnostic, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef } from "react";
import type { SourceMark } from "../verdict/sourceLocations";
import { basicExtensions, type EditorOptions } from "./extensions";
import { loadMode } from "./modes";

export interface EditorHandle {
  /** Move the cursor there and scroll to it; lines and columns start at 1. */
  goTo(line: number, column?: number): void;
  replace(text: string): void;
  /** Mark places in the text with messages of a compiler, in place of earlier marks. */
  mark(marks: readonly SourceMark[]): void;
}

export interface EditorProps extends EditorOptions {
  /** The initial text. For another text, give the editor another React `key`. */
  text: string;
  mode: string;
  fontSize: number;
  /** The name of a font on this device. If it is empty, the page's font is used. */
  font?: string;
  /** Vim's keys instead of the usual ones. */
  hasVimKeys?: boolean;
  /** The selection in the text field that this editor replaces. */
  start?: { anchor: number; head: number; hasFocus: boolean } | undefined;
  /** The text can be searched and copied, not changed. */
  readOnly?: boolean;
  handle: Ref<EditorHandle>;
}

/** CodeMirror, created once per draft. It holds the text and reports every change. */
export default function CodeEditor(props: EditorProps) {
  const { text, mode, fontSize, font = "", hasVimKeys = false, start, handle, readOnly, ...options } = props;
  const container = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const language = useRef(new Compartment());
  const fontSizeCompartment = useRef(new Compartment());
  const extrasCompartment = useRef(new Compartment());
  const keys = useRef(new Compartment());
  const latestOptions = useRef(options);
  latestOptions.current = options;
  const first = useRef({ text, readOnly, start, label: options.label, describedBy: options.describedBy });

  // A layout effect runs before the browser handles another key. A key that is pressed after the text field was removed
  // and before the layout effect would be lost.
  useLayoutEffect(() => {
    const parent = container.current;
    if (!parent) return;
    const stableOptions: EditorOptions = {
      label: first.current.label,
      describedBy: first.current.describedBy,
      onRun: () => latestOptions.current.onRun(),
      onSubmit: () => latestOptions.current.onSubmit(),
      onChange: (changed) => latestOptions.current.onChange(changed),
    };
    const extensions = [
      keys.current.of([]),
      basicExtensions(stableOptions),
      EditorState.readOnly.of(first.current.readOnly ?? false),
      language.current.of([]),
      fontSizeCompartment.current.of([]),
      extrasCompartment.current.of([]),
    ];
    const { text: doc, start } = first.current;
    const state = EditorState.create({ doc, extensions });
    view.current = new EditorView({ state, parent });
    if (start) {
      const at = (place: number) => Math.min(place, view.current?.state.doc.length ?? 0);
      view.current.dispatch({ selection: { anchor: at(start.anchor), head: at(start.head) } });
      if (start.hasFocus) view.current.focus();
    }
    return () => {
      view.current?.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    let isActive = true;
    void Promise.all([loadMode(mode), import("./extras")]).then(([support, { extras }]) => {
      const effects = [
        language.current.reconfigure(support ?? []),
        extrasCompartment.current.reconfigure(extras(mode)),
      ];
      if (isActive) view.current?.dispatch({ effects });
    });
    return () => {
      isActive = false;
    };
  }, [mode]);

  useEffect(() => {
    const family = font ? { fontFamily: font } : {};
    const size = EditorView.theme({ ".cm-scroller": { fontSize: `${fontSize}px`, ...family } });
    view.current?.dispatch({ effects: fontSizeCompartment.current.reconfigure(size) });
  }, [fontSize, font]);

  useEffect(() => {
    let isActive = true;
    const set = (extension: Extension) => {
      if (isActive) view.current?.dispatch({ effects: keys.current.reconfigure(extension) });
    };
    if (hasVimKeys) void import("./vim").then(({ vimKeys }) => set(vimKeys()));
    else set([]);
    return () => {
      isActive = false;
    };
  }, [hasVimKeys]);

  useImperativeHandle(handle, () => ({
    goTo: (line, column) => moveCursor(view.current, line, column ?? 1),
    replace: (next) =>
      view.current?.dispatch({ changes: { from: 0, to: view.current.state.doc.length, insert: next } }),
    mark: (marks) => {
      if (view.current) view.current.dispatch(setDiagnostics(view.current.state, diagnosticsOf(view.current, marks)));
    },
  }));
  return <div className="editor" ref={container} />;
}

function diagnosticsOf(view: EditorView, marks: readonly SourceMark[]): Diagnostic[] {
  return marks
    .filter(({ line }) => line >= 1 && line <= view.state.doc.lines)
    .map(({ line, column, message }) => {
      const { from, to } = view.state.doc.line(line);
      const severity = /^(warning|note)\b/i.test(message) ? "warning" : "error";
      return { from: Math.min(from + column - 1, to), to, message, severity };
    });
}

function moveCursor(view: EditorView | null, line: number, column: number): void {
  if (!view || line < 1 || line > view.state.doc.lines) return;
  const { from, to } = view.state.doc.line(line);
  view.dispatch({ selection: { anchor: Math.min(from + column - 1, to) }, scrollIntoView: true });
  view.focus();
}
