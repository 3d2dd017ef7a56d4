import type { Problem } from "../api/types";

/** The problem that came with the page, see judge_api/views/first_paint.py. */
export function readPageData(): Problem | null {
  const text = document.getElementById("page-data")?.textContent;
  try {
    return text ? (JSON.parse(text) as Problem) : null;
  } catch {
    return null;
  }
}

/** Removes the page as the server sent it, so that only the drawn page is left. A second call does nothing. */
export function removeFirstPaint(): void {
  document.getElementById("first-paint")?.remove();
}

/** Whether this browser had a session when the page was sent; a server of an earlier release does not say. */
export function mayHaveSession(): boolean {
  return document.querySelector<HTMLMetaElement>('meta[name="gavel-session"]')?.content !== "no";
}
