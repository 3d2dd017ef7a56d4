import { type InputHTMLAttributes, type MouseEvent, useId } from "react";

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
}

/** Handles a click on a file input, so that the same file can be chosen again after it was corrected. */
export function forgetChosenFile(event: MouseEvent<HTMLInputElement>): void {
  event.currentTarget.value = "";
}

/** A labelled input whose hint and error a screen reader reads with it. */
export function Field({ label, hint, error, ...input }: Props) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        aria-invalid={error ? true : undefined}
        aria-describedby={error || hint ? `${id}-note` : undefined}
        {...input}
      />
      {error || hint ? (
        <p id={`${id}-note`} className={error ? "field-error" : "muted"}>
          {error ?? hint}
        </p>
      ) : null}
    </div>
  );
}
