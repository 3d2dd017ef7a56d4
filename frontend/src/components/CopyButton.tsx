import { t } from "@lingui/core/macro";
import { useEffect, useState } from "react";
import { copyText } from "../lib/clipboard";
import { Icon } from "./Icon";

/** Copies a text and confirms it on screen and to screen readers. */
export function CopyButton({ text, subject, label = t`Copy` }: { text: string; subject: string; label?: string }) {
  const [message, setMessage] = useState("");
  useEffect(() => {
    if (!message) return;
    const timer = setTimeout(() => setMessage(""), 2000);
    return () => clearTimeout(timer);
  }, [message]);

  const copy = async () => setMessage((await copyText(text)) ? t`Copied` : t`Copying is not allowed here`);
  return (
    <button type="button" className="button small quiet" onClick={copy} aria-label={t`Copy ${subject}`}>
      <Icon name="copy" />
      <span role="status">{message || label}</span>
    </button>
  );
}
