/** Put a text on the clipboard; says whether that went well. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // no leave, or plain http, where browsers have no clipboard object
  }
}

function copyBySelection(text: string): boolean {
  const place = document.createElement("textarea");
  const before = document.activeElement;
  place.value = text;
  place.className = "hidden";
  (document.querySelector("dialog[open]") ?? document.body).append(place);
  place.select();
  const done = document.execCommand("copy");
  place.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}
