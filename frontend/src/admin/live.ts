import { createContext, useContext } from "react";

/** Whether the operator's stream is heard; only then need nothing be asked for again and again. */
export const LiveContext = createContext(false);

export function useIsLive(): boolean {
  return useContext(LiveContext);
}
