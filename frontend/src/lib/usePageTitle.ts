import { useEffect } from "react";

/** Sets the title of the browser's tab; screen readers announce it. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Gavel` : "Gavel";
  }, [title]);
}
