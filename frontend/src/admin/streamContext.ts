import { createContext, useContext } from "react";

/** Whether the admin stream is open; without it the pages poll. */
export const StreamContext = createContext(false);

export function useIsStreamOpen(): boolean {
  return useContext(StreamContext);
}
