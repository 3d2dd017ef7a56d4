import { Trans } from "@lingui/react/macro";
import { type ReactNode, useRef } from "react";
import { Icon } from "./Icon";

interface Props {
  icon: "keyboard" | "sliders";
  /** The name of the button and of the dialog. */
  title: string;
  children: ReactNode;
}

/** A button with a picture that opens a dialog, which ends with a button to close it. */
export function DialogButton({ icon, title, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button
        type="button"
        className="button quiet small icon-only"
        aria-label={title}
        onClick={() => dialog.current?.showModal()}
      >
        <Icon name={icon} />
      </button>
      <dialog ref={dialog} className="dialog" aria-label={title}>
        <h2>{title}</h2>
        {children}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            <Trans>Close</Trans>
          </button>
        </div>
      </dialog>
    </>
  );
}
