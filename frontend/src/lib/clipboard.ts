/** Copies a text to the clipboard and returns whether that worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // no permission, or plain http, where browsers have no clipboard object
  }
}

function copyBySelection(text: string): boolean {
  const textarea = document.createElement("textarea");
  const focused = document.activeElement;
  textarea.value = text;
  textarea.className = "visually-hidden";
  (document.querySelector("dialog[open]") ?? document.body).append(textarea);
  textarea.select();
  const done = document.execCommand("copy");
  textarea.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
