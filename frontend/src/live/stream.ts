import type { Ears, Road } from "./road";
import { readStatus } from "./socket";

const FIRST_WORD_WITHIN_MS = 4000;

/** Server-Sent Events: the browser reconnects by itself and says where it was (`Last-Event-ID`). */
export class StreamRoad implements Road {
  readonly name = "sse";

  follow(id: string, ears: Ears): () => void {
    const source = makeSource(`/events/${encodeURIComponent(id)}`);
    if (!source) {
      let wanted = true;
      queueMicrotask(() => wanted && ears.closed("no Server-Sent Events here"));
      return () => {
        wanted = false;
      };
    }
    const close = (why: string) => {
      stop();
      ears.closed(why);
    };
    const patience = setTimeout(() => close("nothing was sent in time"), FIRST_WORD_WITHIN_MS);
    const stop = () => {
      clearTimeout(patience);
      source.close();
    };
    const hear = (event: MessageEvent<string>) => {
      clearTimeout(patience);
      const status = readStatus(event.data);
      if (status) ears.heard(status);
    };
    source.addEventListener("message", hear);
    source.addEventListener("status", hear);
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) close("refused");
    };
    return stop;
  }
}

function makeSource(url: string): EventSource | null {
  try {
    return new EventSource(url);
  } catch {
    return null; // blocked by policy or by an extension: the next road is taken
  }
}
