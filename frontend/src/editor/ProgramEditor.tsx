import {
  type ComponentType,
  type RefObject,
  useCallback,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import { flushSync } from "react-dom";
import type { EditorHandle, EditorProps } from "./CodeEditor";

type Editor = ComponentType<EditorProps>;
type Action = (editor: EditorHandle) => void;

interface Props extends Omit<EditorProps, "text" | "start" | "handle"> {
  /** The present text of the draft. */
  getText: () => string;
  handle: RefObject<EditorHandle | null>;
}

/** CodeMirror, once it is loaded. It is kept, so that the next problem need not load it. */
let loaded: Editor | null = null;

async function loadEditor(): Promise<Editor> {
  loaded = (await import("./CodeEditor")).default;
  return loaded;
}

/**
 * The editor of a program: a plain text field at first. It becomes CodeMirror when the pointer is over it, when it gets
 * the focus, or when the page moves the cursor to a line. The text and the selection stay, so nothing that is typed
 * meanwhile is lost.
 */
export function ProgramEditor({ getText, handle, ...options }: Props) {
  const [editor, setEditor] = useState<{ Editor: Editor; text: string; start: EditorProps["start"] } | null>(() =>
    loaded ? { Editor: loaded, text: getText(), start: undefined } : null,
  );
  const plain = useRef<HTMLTextAreaElement>(null);
  const real = useRef<EditorHandle>(null);
  const isAsked = useRef(false);
  const isComposing = useRef(false);
  const [waiting] = useState<Action[]>([]);
  const latest = useRef({ getText, onChange: options.onChange });
  latest.current = { getText, onChange: options.onChange };

  const upgrade = useCallback((Editor: Editor) => {
    const field = plain.current;
    if (!field || isComposing.current) return;
    const hasFocus = document.activeElement === field;
    const start = { anchor: field.selectionStart, head: field.selectionEnd, hasFocus };
    // The text field is replaced at once, because a key that is pressed before the editor is there would be lost.
    flushSync(() => setEditor({ Editor, text: latest.current.getText(), start }));
  }, []);
  const want = useCallback(() => {
    if (isAsked.current) return;
    isAsked.current = true;
    loadEditor().then(upgrade, () => {
      isAsked.current = false; // offline: the text field stays, and the next try asks again
    });
  }, [upgrade]);

  useImperativeHandle(handle, () => {
    const act = (action: Action) => {
      if (real.current) return action(real.current);
      waiting.push(action);
      want();
    };
    return {
      goTo: (line, column) => act((each) => each.goTo(line, column)),
      mark: (marks) => {
        if (real.current || marks.length > 0) act((each) => each.mark(marks));
      },
      replace: (text) => {
        if (!plain.current) return act((each) => each.replace(text));
        plain.current.value = text;
        latest.current.onChange(text);
      },
    };
  }, [want, waiting]);
  useEffect(() => {
    if (editor && real.current) for (const action of waiting.splice(0)) action(real.current);
  }, [editor, waiting]);

  if (editor) return <editor.Editor {...options} text={editor.text} start={editor.start} handle={real} />;
  return (
    <textarea
      ref={plain}
      className="editor editor-plain mono"
      aria-label={options.label}
      aria-describedby={options.describedBy}
      spellCheck={false}
      autoCapitalize="off"
      style={{ fontSize: `${options.fontSize}px`, fontFamily: options.font || undefined }}
      defaultValue={getText()}
      onChange={(event) => options.onChange(event.target.value)}
      onFocus={want}
      onPointerEnter={want}
      onCompositionStart={() => {
        isComposing.current = true;
      }}
      onCompositionEnd={() => {
        isComposing.current = false;
        if (loaded) setTimeout(upgrade, 0, loaded);
      }}
    />
  );
}
