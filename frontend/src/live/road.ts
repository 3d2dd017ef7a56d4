import type { Status } from "../wire/types";

/** What a road tells its traveller. */
export interface Ears {
  /** A status, in any order, possibly one already known. */
  heard(status: Status): void;
  /** This road is closed and another must be taken; called at most once. */
  closed(why: string): void;
}

/** One way to learn a submission's status: WebSocket, Server-Sent Events, or asking again and again. */
export interface Road {
  readonly name: "websocket" | "sse" | "polling";
  /** Watch one submission until the returned function is called. */
  follow(id: string, ears: Ears): () => void;
}
