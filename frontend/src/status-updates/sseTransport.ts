import type { StatusListener, Transport } from "./transport";
import { readStatus } from "./webSocketTransport";

const FIRST_EVENT_WITHIN_MS = 4000;

/** Server-Sent Events: the browser reconnects by itself and sends the last event's id (`Last-Event-ID`). */
export class SseTransport implements Transport {
  readonly name = "sse";

  follow(id: string, listener: StatusListener): () => void {
    const source = openEventSource(`/events/${encodeURIComponent(id)}`);
    if (!source) {
      let isActive = true;
      queueMicrotask(() => isActive && listener.onClosed());
      return () => {
        isActive = false;
      };
    }
    const close = () => {
      stop();
      listener.onClosed();
    };
    const timeout = setTimeout(close, FIRST_EVENT_WITHIN_MS);
    const stop = () => {
      clearTimeout(timeout);
      source.close();
    };
    const receive = (event: MessageEvent<string>) => {
      clearTimeout(timeout);
      const status = readStatus(event.data);
      if (status) listener.onStatus(status);
    };
    source.addEventListener("message", receive);
    source.addEventListener("status", receive);
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) close();
    };
    return stop;
  }
}

function openEventSource(url: string): EventSource | null {
  try {
    return new EventSource(url);
  } catch {
    return null; // blocked by policy or by an extension: the next transport is used
  }
}
