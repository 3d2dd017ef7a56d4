import { type ReactNode, useEffect, useRef, useState } from "react";

/** Wraps a table. A table wider than the container scrolls sideways, can be focused, and gets an accessible name. */
export function TableContainer({ label, children }: { label: string; children: ReactNode }) {
  const container = useRef<HTMLElement>(null);
  const scrolls = useOverflows(container);
  return (
    <section ref={container} className="table-container" {...(scrolls ? { tabIndex: 0, "aria-label": label } : {})}>
      {children}
    </section>
  );
}

function useOverflows(container: React.RefObject<HTMLElement | null>): boolean {
  const [overflows, setOverflows] = useState(false);
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const measure = () => setOverflows(element.scrollWidth > element.clientWidth);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    return () => observer.disconnect();
  }, [container]);
  return overflows;
}
