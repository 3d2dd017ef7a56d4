import { useCallback, useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
const KEY = "gavel.theme";
const listeners = new Set<() => void>();

function read(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

function write(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is closed: the choice holds for this page only.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    system.removeEventListener("change", listener);
  };
}

/** The chosen theme, and whether the page is dark now (by choice or by the system). */
export function useTheme() {
  const theme = useSyncExternalStore(subscribe, read);
  const systemIsDark = useSyncExternalStore(subscribe, isSystemDark);
  const choose = useCallback(write, []);
  return { theme, isDark: theme === "system" ? systemIsDark : theme === "dark", choose };
}

function isSystemDark(): boolean {
  return matchMedia("(prefers-color-scheme: dark)").matches;
}
