import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useRef } from "react";
import { Icon } from "../components/Icon";

const SHORTCUTS: [MessageDescriptor, MessageDescriptor][] = [
  [msg`Ctrl or ⌘ + Enter`, msg`Submit`],
  [msg`Ctrl or ⌘ + '`, msg`Run with the chosen input`],
  [msg`Ctrl or ⌘ + F`, msg`Find in the editor`],
  [msg`Ctrl or ⌘ + /`, msg`Comment the lines out or in`],
  [msg`Alt + ↑ or ↓`, msg`Move the line`],
  [msg`Escape, then Tab`, msg`Leave the editor by keyboard`],
  [msg`Arrow keys on a divider`, msg`Resize the panes`],
];

export function ShortcutHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button
        type="button"
        className="button quiet small icon-only"
        aria-label={t`Keyboard shortcuts`}
        onClick={() => dialog.current?.showModal()}
      >
        <Icon name="keyboard" />
      </button>
      <dialog ref={dialog} className="dialog" aria-label={t`Keyboard shortcuts`}>
        <h2>
          <Trans>Keyboard shortcuts</Trans>
        </h2>
        <dl className="shortcuts">
          {SHORTCUTS.map(([keys, effect]) => (
            <div key={keys.id}>
              <dt>
                <kbd>{i18n._(keys)}</kbd>
              </dt>
              <dd>{i18n._(effect)}</dd>
            </div>
          ))}
        </dl>
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            <Trans>Close</Trans>
          </button>
        </div>
      </dialog>
    </>
  );
}
