import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { DialogButton } from "../components/DialogButton";

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
  return (
    <DialogButton icon="keyboard" title={t`Keyboard shortcuts`}>
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
    </DialogButton>
  );
}
