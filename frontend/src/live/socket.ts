import type { Status } from "../wire/types";
import type { Ears, Road } from "./road";

const OPEN_WITHIN_MS = 2000;
const TRY_AGAIN_AFTER_MS = 60_000;

/** One WebSocket for all submissions of this page; opened by the first watcher, closed by the last. */
export class SocketRoad implements Road {
  readonly name = "websocket";
  private socket: WebSocket | null = null;
  private opened = false;
  private blockedUntil = 0;
  private readonly watchers = new Map<string, Set<Ears>>();

  constructor(private readonly url: () => string = socketUrl) {}

  follow(id: string, ears: Ears): () => void {
    const known = this.watchers.get(id) ?? new Set();
    this.watchers.set(id, known.add(ears));
    this.open();
    if (this.socket?.readyState === WebSocket.OPEN) this.say({ watch: id });
    return () => this.leave(id, ears);
  }

  private open(): void {
    if (this.socket) return;
    const socket = Date.now() < this.blockedUntil ? null : makeSocket(this.url());
    if (!socket) {
      queueMicrotask(() => this.lose(null, "no WebSocket here"));
      return;
    }
    this.socket = socket;
    this.opened = false;
    const patience = setTimeout(() => this.lose(socket, "did not open in time"), OPEN_WITHIN_MS);
    socket.onopen = () => {
      clearTimeout(patience);
      this.opened = true;
      for (const id of this.watchers.keys()) this.say({ watch: id });
    };
    socket.onmessage = (event) => this.tell(String(event.data));
    socket.onclose = () => {
      clearTimeout(patience);
      this.lose(socket, "closed");
    };
  }

  private say(message: object): void {
    this.socket?.send(JSON.stringify(message));
  }

  private tell(text: string): void {
    const status = readStatus(text);
    if (!status) return;
    for (const ears of [...(this.watchers.get(status.id) ?? [])]) ears.heard(status);
  }

  private leave(id: string, ears: Ears): void {
    const known = this.watchers.get(id);
    known?.delete(ears);
    if (!known || known.size > 0) return;
    this.watchers.delete(id);
    if (this.socket?.readyState === WebSocket.OPEN) this.say({ unwatch: id });
    if (this.watchers.size === 0) this.hangUp();
  }

  private hangUp(): void {
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.onclose = null;
    socket?.close();
  }

  private lose(socket: WebSocket | null, why: string): void {
    if (this.socket !== socket) return;
    if (!this.opened) this.blockedUntil = Date.now() + TRY_AGAIN_AFTER_MS;
    this.hangUp();
    const everyone = [...this.watchers.values()].flatMap((ears) => [...ears]);
    this.watchers.clear();
    for (const ears of everyone) ears.closed(why);
  }
}

function makeSocket(url: string): WebSocket | null {
  try {
    return new WebSocket(url);
  } catch {
    return null; // blocked by policy or by an extension: the next road is taken
  }
}

function socketUrl(): string {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}/ws`;
}

/** A status object out of a message; anything else (a heartbeat, an error about one id) is not one. */
export function readStatus(text: string): Status | null {
  try {
    const value = JSON.parse(text) as Partial<Status>;
    return typeof value?.id === "string" && typeof value.stage === "string" ? (value as Status) : null;
  } catch {
    return null;
  }
}
