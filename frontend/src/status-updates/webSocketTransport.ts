import type { Status } from "../api/types";
import type { StatusListener, Transport } from "./transport";

const OPEN_WITHIN_MS = 2000;
const RETRY_AFTER_MS = 60_000;

/** One WebSocket for all submissions of this page; opened for the first listener, closed after the last. */
export class WebSocketTransport implements Transport {
  readonly name = "websocket";
  private socket: WebSocket | null = null;
  private opened = false;
  private blockedUntil = 0;
  private readonly listeners = new Map<string, Set<StatusListener>>();

  constructor(private readonly url: () => string = webSocketUrl) {}

  follow(id: string, listener: StatusListener): () => void {
    const listeners = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, listeners.add(listener));
    this.open();
    if (this.socket?.readyState === WebSocket.OPEN) this.send({ watch: id });
    return () => this.unfollow(id, listener);
  }

  private open(): void {
    if (this.socket) return;
    const socket = Date.now() < this.blockedUntil ? null : openWebSocket(this.url());
    if (!socket) {
      queueMicrotask(() => this.fail(null));
      return;
    }
    this.socket = socket;
    this.opened = false;
    const timeout = setTimeout(() => this.fail(socket), OPEN_WITHIN_MS);
    socket.onopen = () => {
      clearTimeout(timeout);
      this.opened = true;
      for (const id of this.listeners.keys()) this.send({ watch: id });
    };
    socket.onmessage = (event) => this.dispatch(String(event.data));
    socket.onclose = () => {
      clearTimeout(timeout);
      this.fail(socket);
    };
  }

  private send(message: object): void {
    this.socket?.send(JSON.stringify(message));
  }

  private dispatch(text: string): void {
    const status = readStatus(text);
    if (!status) return;
    for (const listener of [...(this.listeners.get(status.id) ?? [])]) listener.onStatus(status);
  }

  private unfollow(id: string, listener: StatusListener): void {
    const listeners = this.listeners.get(id);
    listeners?.delete(listener);
    if (!listeners || listeners.size > 0) return;
    this.listeners.delete(id);
    if (this.socket?.readyState === WebSocket.OPEN) this.send({ unwatch: id });
    if (this.listeners.size === 0) this.close();
  }

  private close(): void {
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.onclose = null;
    socket?.close();
  }

  private fail(socket: WebSocket | null): void {
    if (this.socket !== socket) return;
    if (!this.opened) this.blockedUntil = Date.now() + RETRY_AFTER_MS;
    this.close();
    const all = [...this.listeners.values()].flatMap((listener) => [...listener]);
    this.listeners.clear();
    for (const listener of all) listener.onClosed();
  }
}

function openWebSocket(url: string): WebSocket | null {
  try {
    return new WebSocket(url);
  } catch {
    return null; // blocked by policy or by an extension: the next transport is used
  }
}

function webSocketUrl(): string {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}/ws`;
}

/** Parses a status; `null` for any other message (a heartbeat, an error about one id). */
export function readStatus(text: string): Status | null {
  try {
    const value = JSON.parse(text) as Partial<Status>;
    return typeof value?.id === "string" && typeof value.stage === "string" ? (value as Status) : null;
  } catch {
    return null;
  }
}
