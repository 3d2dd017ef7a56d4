import { Compartment, EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { basicExtensions, type Wishes } from "./extensions";
import { loadMode } from "./modes";

export interface EditorHandle {
  /** Put the cursor there and show it; lines and columns count from 1. */
  goTo(line: number, column?: number): void;
  replace(text: string): void;
}

export interface EditorProps extends Wishes {
  /** The text to begin with; give the editor another `key` to begin again. */
  text: string;
  mode: string;
  fontSize: number;
  /** Shows the text and lets it be searched and copied, not changed. */
  readOnly?: boolean;
  handle: Ref<EditorHandle>;
}

/** CodeMirror, made once per draft; it holds the text, and tells of every change. */
export default function CodeEditor({ text, mode, fontSize, handle, readOnly, ...wishes }: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const language = useRef(new Compartment());
  const letters = useRef(new Compartment());
  const newest = useRef(wishes);
  newest.current = wishes;
  const first = useRef({ text, readOnly, label: wishes.label, describedBy: wishes.describedBy });

  useEffect(() => {
    const parent = place.current;
    if (!parent) return;
    const steady: Wishes = {
      label: first.current.label,
      describedBy: first.current.describedBy,
      run: () => newest.current.run(),
      submit: () => newest.current.submit(),
      changed: (changed) => newest.current.changed(changed),
    };
    const extensions = [
      basicExtensions(steady),
      EditorState.readOnly.of(first.current.readOnly ?? false),
      language.current.of([]),
      letters.current.of([]),
    ];
    view.current = new EditorView({
      state: EditorState.create({ doc: first.current.text, extensions }),
      parent,
    });
    return () => {
      view.current?.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    let wanted = true;
    void loadMode(mode).then((support) => {
      if (wanted) view.current?.dispatch({ effects: language.current.reconfigure(support ?? []) });
    });
    return () => {
      wanted = false;
    };
  }, [mode]);

  useEffect(() => {
    const size = EditorView.theme({ ".cm-scroller": { fontSize: `${fontSize}px` } });
    view.current?.dispatch({ effects: letters.current.reconfigure(size) });
  }, [fontSize]);

  useImperativeHandle(handle, () => ({
    goTo: (line, column) => show(view.current, line, column ?? 1),
    replace: (next) =>
      view.current?.dispatch({ changes: { from: 0, to: view.current.state.doc.length, insert: next } }),
  }));
  return <div className="editor" ref={place} />;
}

function show(view: EditorView | null, line: number, column: number): void {
  if (!view || line < 1 || line > view.state.doc.lines) return;
  const { from, to } = view.state.doc.line(line);
  view.dispatch({ selection: { anchor: Math.min(from + column - 1, to) }, scrollIntoView: true });
  view.focus();
}
