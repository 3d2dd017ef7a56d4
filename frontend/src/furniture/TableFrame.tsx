import { type ReactNode, useEffect, useRef, useState } from "react";

/** Around a table; one that is wider than its place scrolls within, by the keyboard too, and says what it is. */
export function TableFrame({ label, children }: { label: string; children: ReactNode }) {
  const frame = useRef<HTMLElement>(null);
  const scrolls = useOverflows(frame);
  return (
    <section ref={frame} className="table-frame" {...(scrolls ? { tabIndex: 0, "aria-label": label } : {})}>
      {children}
    </section>
  );
}

function useOverflows(frame: React.RefObject<HTMLElement | null>): boolean {
  const [overflows, setOverflows] = useState(false);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const measure = () => setOverflows(element.scrollWidth > element.clientWidth);
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    for (const child of element.children) watch.observe(child);
    return () => watch.disconnect();
  }, [frame]);
  return overflows;
}
