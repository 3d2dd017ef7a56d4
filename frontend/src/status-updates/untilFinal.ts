import { call } from "../api/client";
import type { Status } from "../api/types";
import { isFinal } from "./statusOrder";

const WAIT_SECONDS = 20;
const PAUSE_MS = 1000;

/** Waits for the end of a run. The pause is for a server that does not hold requests, as when it has too many of them. */
export async function untilFinal(id: string): Promise<Status> {
  for (;;) {
    const status = await call<Status>(`/status/${encodeURIComponent(id)}?wait=${WAIT_SECONDS}&until=final`);
    if (isFinal(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
