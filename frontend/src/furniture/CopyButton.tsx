import { useEffect, useState } from "react";
import { copyText } from "./clipboard";
import { Icon } from "./Icon";

/** Copies a text and says so, to the eye and to a screen reader. */
export function CopyButton({ text, what, label = "Copy" }: { text: string; what: string; label?: string }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(""), 2000);
    return () => clearTimeout(timer);
  }, [said]);

  const copy = async () => setSaid((await copyText(text)) ? "Copied" : "Copying is not allowed here");
  return (
    <button type="button" className="button small quiet" onClick={copy} aria-label={`Copy ${what}`}>
      <Icon name="copy" />
      <span role="status">{said || label}</span>
    </button>
  );
}
