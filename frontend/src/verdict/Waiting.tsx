import { duration } from "../furniture/amounts";
import type { Status } from "../wire/types";
import { usePlace } from "./usePlace";

/** While there is no verdict: the place in the queue and about how long it will take, if that is known. */
export function Waiting({ status }: { status: Status }) {
  const place = usePlace(status);
  if (status.stage !== "QUEUED") return <p className="waiting">Attempt {status.attempt}, on a worker now.</p>;
  return <p className="waiting">{placeInWords(place, status.queue)}</p>;
}

function placeInWords(place: ReturnType<typeof usePlace>, queue: string): string {
  if (!place) return `Waiting in the ${queue} queue.`;
  if (!place.sent)
    return "Accepted and safe. It is waiting to be sent: the queue cannot be reached just now.";
  if (place.ahead === 0) return `Next in the ${queue} queue.`;
  const wait = place.expected_seconds === null ? "" : `, about ${duration(place.expected_seconds)}`;
  return `${place.ahead} ahead in the ${queue} queue${wait}.`;
}
