import { useEffect, useState } from "react";
import { Icon } from "./Icon";

/** Copies a text and says so, to the eye and to a screen reader. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(""), 2000);
    return () => clearTimeout(timer);
  }, [said]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      setSaid("Copying is not allowed here");
    }
  };
  return (
    <button type="button" className="button small quiet" onClick={copy} aria-label={`Copy ${what}`}>
      <Icon name="copy" />
      <span role="status">{said || "Copy"}</span>
    </button>
  );
}
