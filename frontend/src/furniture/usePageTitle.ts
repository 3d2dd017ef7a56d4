import { useEffect } from "react";

/** Names the browser's tab, and so tells a screen reader that another page has come. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Gavel` : "Gavel";
  }, [title]);
}
