import { Trans } from "@lingui/react/macro";
import type { ReactNode, RefObject } from "react";

interface Props {
  dialog: RefObject<HTMLDialogElement | null>;
  label: ReactNode;
  question: string;
  /** The consequence, and what cannot be undone. */
  consequence: string;
  /** Fields of the dialog, such as a reason or a number of minutes. */
  fields?: ReactNode;
  onConfirm: () => void;
}

/** A dialog that asks for confirmation. Escape and "Keep" change nothing. */
export function ConfirmDialog({ dialog, label, question, consequence, fields, onConfirm }: Props) {
  const close = (answer: string) => dialog.current?.close(answer);
  const confirm = () => {
    // The fields are in no form, so no button of a form checks them.
    const inputs = dialog.current?.querySelectorAll("input") ?? [];
    if (![...inputs].every((input) => input.reportValidity())) return;
    close("yes");
    onConfirm();
  };
  return (
    <dialog ref={dialog} className="dialog" aria-label={question}>
      <h2>{question}</h2>
      <p>{consequence}</p>
      {fields}
      <div className="dialog-buttons">
        <button type="button" className="button" onClick={() => close("no")}>
          <Trans>Keep</Trans>
        </button>
        <button type="button" className="button danger" onClick={confirm}>
          {label}
        </button>
      </div>
    </dialog>
  );
}
