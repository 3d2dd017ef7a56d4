import { mayHaveSession } from "../lib/firstPaint";

let isAssumed: boolean | null = null;
let isChangedElsewhere = false;

/** Whether to ask who is signed in: without a session the answer would be an error in the browser's console. */
export function hasSession(): boolean {
  isAssumed ??= mayHaveSession();
  return isAssumed;
}

/** This tab signed in or out. */
export function setSession(is: boolean): void {
  isAssumed = is;
  isChangedElsewhere = false;
}

/** Somebody signed in or out since the page was sent: ask. */
export function assumeSession(): void {
  isAssumed = true;
  isChangedElsewhere = true;
}

/** Whether another tab signed in or out since this one asked who is signed in; once. */
export function takeChangeElsewhere(): boolean {
  const was = isChangedElsewhere;
  isChangedElsewhere = false;
  return was;
}
