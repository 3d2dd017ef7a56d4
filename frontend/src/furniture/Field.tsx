import { type InputHTMLAttributes, useId } from "react";

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string | undefined;
  fault?: string | undefined;
}

/** A labelled input whose hint and fault a screen reader reads with it. */
export function Field({ label, hint, fault, ...input }: Props) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        aria-invalid={fault ? true : undefined}
        aria-describedby={fault || hint ? `${id}-note` : undefined}
        {...input}
      />
      {fault || hint ? (
        <p id={`${id}-note`} className={fault ? "fault" : "faint"}>
          {fault ?? hint}
        </p>
      ) : null}
    </div>
  );
}
