import { useCallback, useState } from "react";

/** What this browser remembers between visits. A closed storage (private window) forgets, and nothing breaks. */
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Full or closed: what is on the screen stays, it is only not there next time.
  }
}

export function useRemembered(key: string, initial: string): [string, (value: string) => void] {
  const [value, setValue] = useState(() => recall(key) ?? initial);
  const set = useCallback(
    (next: string) => {
      setValue(next);
      remember(key, next);
    },
    [key],
  );
  return [value, set];
}
