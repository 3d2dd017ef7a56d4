import { useEffect } from "react";
import { duration } from "../furniture/amounts";
import type { Status } from "../wire/types";
import { type Place, usePlace } from "./usePlace";

/** While there is no verdict: the place in the queue and about how long it will take, if that is known. */
export function Waiting({ status }: { status: Status }) {
  const place = usePlace(status);
  // Should it come to a wrong answer, the two outputs stand beside each other at once.
  useEffect(() => void import("./SideBySide"), []);
  if (status.stage !== "QUEUED") return <p className="waiting">Attempt {status.attempt}, on a worker now.</p>;
  return <p className="waiting">{placeInWords(place, status.queue)}</p>;
}

export function placeInWords(place: Place | undefined, queue: string): string {
  if (!place) return `Waiting in the ${queue} queue.`;
  if (!place.sent && !place.reachable)
    return "Accepted and safe. It is waiting to be sent: the queue cannot be reached just now.";
  const where = place.ahead === 0 ? `Next in the ${queue} queue` : `${place.ahead} ahead in the ${queue} queue`;
  if (place.paused) return `${where}, which is paused for now. It is kept, and judged when the queue goes on.`;
  const wait = place.expected_seconds === null ? "" : `, about ${duration(place.expected_seconds)}`;
  return `${where}${wait}.`;
}
