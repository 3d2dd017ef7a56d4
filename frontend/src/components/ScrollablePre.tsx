import type { ReactNode } from "react";

/** Preformatted text that scrolls inside its own box and can be focused, so that the keyboard can scroll it. */
export function ScrollablePre({
  label,
  className,
  empty,
  children,
}: {
  label: string;
  className?: string;
  /** Shown by CSS if the text is empty. It is not in the text itself, since programs read that too. */
  empty?: string;
  children: ReactNode;
}) {
  return (
    // A scrollable element must be focusable (WCAG 2.1.1)
    // role="group", since a fieldset is for inputs
    <pre className={className} role="group" tabIndex={0} aria-label={label} data-empty={empty}>
      {children}
    </pre>
  );
}
