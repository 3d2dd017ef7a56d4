import { useEffect, useRef } from "react";

/** Ctrl or ⌘ with Enter submits, and Ctrl or ⌘ with ' runs, wherever the focus is. The editor handles its own key presses. */
export function useShortcuts(run: () => void, submit: () => void): void {
  const latest = useRef({ run, submit });
  latest.current = { run, submit };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isOurs = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && !event.defaultPrevented;
      if (!isOurs || event.repeat || document.querySelector("dialog[open]")) return;
      const act = { Enter: latest.current.submit, "'": latest.current.run }[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
