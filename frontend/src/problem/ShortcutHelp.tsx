import { useRef } from "react";
import { Icon } from "../components/Icon";

const SHORTCUTS: [string, string][] = [
  ["Ctrl or ⌘ + Enter", "Submit"],
  ["Ctrl or ⌘ + '", "Run with the chosen input"],
  ["Ctrl or ⌘ + F", "Find in the editor"],
  ["Ctrl or ⌘ + /", "Comment the lines out or in"],
  ["Alt + ↑ or ↓", "Move the line"],
  ["Escape, then Tab", "Leave the editor by keyboard"],
  ["Arrow keys on a divider", "Resize the panes"],
];

export function ShortcutHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button
        type="button"
        className="button quiet small icon-only"
        aria-label="Keyboard shortcuts"
        onClick={() => dialog.current?.showModal()}
      >
        <Icon name="keyboard" />
      </button>
      <dialog ref={dialog} className="dialog" aria-label="Keyboard shortcuts">
        <h2>Keyboard shortcuts</h2>
        <dl className="shortcuts">
          {SHORTCUTS.map(([keys, what]) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
      </dialog>
    </>
  );
}
