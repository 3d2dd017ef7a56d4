import { Trans } from "@lingui/react/macro";
import { type ReactNode, useRef } from "react";

interface Props {
  label: ReactNode;
  question: string;
  /** What happens, and what cannot be undone. */
  consequence: string;
  onConfirm: () => void;
  disabled?: boolean;
  className?: string;
  accessibleName?: string;
}

/** A button that asks for confirmation in a dialog first. Escape and "Keep" change nothing. */
export function ConfirmButton({ label, question, consequence, onConfirm, disabled, className, accessibleName }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = (answer: string) => dialog.current?.close(answer);
  return (
    <>
      <button
        type="button"
        className={className ?? "button small"}
        disabled={disabled}
        aria-label={accessibleName}
        onClick={() => dialog.current?.showModal()}
      >
        {label}
      </button>
      <dialog ref={dialog} className="dialog" aria-label={question}>
        <h2>{question}</h2>
        <p>{consequence}</p>
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => close("no")}>
            <Trans>Keep</Trans>
          </button>
          <button
            type="button"
            className="button danger"
            onClick={() => {
              close("yes");
              onConfirm();
            }}
          >
            {label}
          </button>
        </div>
      </dialog>
    </>
  );
}
