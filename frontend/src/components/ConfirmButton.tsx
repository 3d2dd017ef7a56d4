import { type ReactNode, useRef } from "react";
import { ConfirmDialog } from "./ConfirmDialog";

interface Props {
  label: ReactNode;
  question: string;
  /** The consequence, and what cannot be undone. */
  consequence: string;
  /** Fields of the dialog, such as a reason or a number of minutes. */
  fields?: ReactNode;
  onConfirm: () => void;
  disabled?: boolean;
  className?: string;
  accessibleName?: string;
}

/** A button that asks for confirmation in a dialog first. Escape and "Keep" change nothing. */
export function ConfirmButton({ disabled, className, accessibleName, ...asked }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  // A screen reader cannot read an icon, so the button of the dialog has words.
  const confirmLabel = typeof asked.label === "string" ? asked.label : (accessibleName ?? asked.label);
  return (
    <>
      <button
        type="button"
        className={className ?? "button small"}
        disabled={disabled}
        aria-label={accessibleName}
        onClick={() => dialog.current?.showModal()}
      >
        {asked.label}
      </button>
      <ConfirmDialog dialog={dialog} {...asked} label={confirmLabel} />
    </>
  );
}
