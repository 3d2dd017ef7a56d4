import type { Status } from "../api/types";

/** Receives what a transport reads about one submission. */
export interface StatusListener {
  /** Called with each status. Statuses may come in any order and more than once. */
  onStatus(status: Status): void;
  /** This transport has ended and another transport must be used; called at most once. */
  onClosed(): void;
}

/** One way to read a submission's status: WebSocket, Server-Sent Events, or long polling. */
export interface Transport {
  readonly name: "websocket" | "sse" | "polling";
  /** Follow one submission until the returned function is called. */
  follow(id: string, listener: StatusListener): () => void;
}
