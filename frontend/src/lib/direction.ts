/** Whether the page runs from right to left. */
export function isMirrored(): boolean {
  return document.documentElement.dir === "rtl";
}

/** The step that an arrow key means along a row: 1 to the next, -1 to the previous, 0 for another key. */
export function stepOf(key: string): number {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key] ?? 0;
  return isMirrored() ? -step : step;
}
