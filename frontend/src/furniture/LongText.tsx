import type { ReactNode } from "react";

/** A text as it is, that scrolls in its own frame: the keyboard must reach it to scroll it. */
export function LongText({
  label,
  className,
  children,
}: {
  label: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    // what scrolls must be focusable (WCAG 2.1.1)
    // a fieldset is for inputs; this groups lines of text
    <pre className={className} role="group" tabIndex={0} aria-label={label}>
      {children}
    </pre>
  );
}
