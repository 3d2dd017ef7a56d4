import { mayHaveSession } from "../lib/firstPaint";

let isAssumed: boolean | null = null;
let isChangedElsewhere = false;

/** Whether to ask who is signed in: without a session the answer would be an error in the browser's console. */
export function hasSession(): boolean {
  isAssumed ??= mayHaveSession();
  return isAssumed;
}

/** Record that this tab signed in or out. */
export function setSession(is: boolean): void {
  isAssumed = is;
  isChangedElsewhere = false;
}

/** Ask the server from now on, since another tab may have signed in or out after the page was sent. */
export function assumeSession(): void {
  isAssumed = true;
  isChangedElsewhere = true;
}

/** Whether another tab signed in or out since this tab asked who is signed in. A second call returns false. */
export function takeChangeElsewhere(): boolean {
  const was = isChangedElsewhere;
  isChangedElsewhere = false;
  return was;
}
