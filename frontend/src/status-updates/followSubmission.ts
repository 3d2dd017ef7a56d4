import { t } from "@lingui/core/macro";
import type { Status } from "../api/types";
import { isFinal, isNewer } from "./statusOrder";
import { fetchStatus, PollingTransport } from "./pollingTransport";
import type { Transport } from "./transport";
import { WebSocketTransport } from "./webSocketTransport";
import { SseTransport } from "./sseTransport";

const SILENCE_MS = 10_000;
const TRANSPORTS: readonly Transport[] = [new WebSocketTransport(), new SseTransport(), new PollingTransport()];

export interface StatusHandlers {
  /** Called for every status that is later than the one before; the last is final. */
  onStatus(status: Status): void;
  /** Called when no transport is left, for example because the submission belongs to another account. */
  onError(reason: string): void;
}

/**
 * Follows one submission until its status is final, by the first transport that works.
 *
 * A transport that is silent for {@link SILENCE_MS} is checked by one plain HTTP request: a proxy may hold a socket
 * open without passing anything on, which would look like a slow judge. A long queue is silent too, so the transport
 * is replaced only when that request shows a status which it did not deliver.
 */
export function followSubmission(
  id: string,
  handlers: StatusHandlers,
  transports: readonly Transport[] = TRANSPORTS,
): () => void {
  return new Follower(id, handlers, transports).start();
}

class Follower {
  private seen: Status | undefined;
  private disconnect: () => void = () => {};
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;

  constructor(
    private readonly id: string,
    private readonly handlers: StatusHandlers,
    private readonly transports: readonly Transport[],
  ) {}

  start(): () => void {
    this.startTransport(0);
    return () => this.end();
  }

  private startTransport(index: number): void {
    const transport = this.transports[index];
    if (this.ended) return;
    if (transport) this.connect(transport, index);
    else this.handlers.onError(t`The progress of this submission cannot be shown. Load the page again.`);
  }

  private connect(transport: Transport, index: number): void {
    this.restartTimer(index);
    document.documentElement.dataset.transport = transport.name;
    this.disconnect = transport.follow(this.id, {
      onStatus: (status) => this.receive(status, index),
      onClosed: () => this.startTransport(index + 1),
    });
  }

  private receive(status: Status, index: number): void {
    if (this.ended) return;
    this.restartTimer(index);
    if (!isNewer(status, this.seen)) return;
    this.seen = status;
    if (isFinal(status)) this.end();
    this.handlers.onStatus(status);
  }

  private restartTimer(index: number): void {
    clearTimeout(this.silenceTimer);
    if (index < this.transports.length - 1)
      this.silenceTimer = setTimeout(() => void this.checkSilent(index), SILENCE_MS);
  }

  private async checkSilent(index: number): Promise<void> {
    const disconnect = this.disconnect;
    const status = await fetchStatus(this.id);
    if (this.ended || this.disconnect !== disconnect) return;
    if (!status || !isNewer(status, this.seen)) return this.restartTimer(index);
    disconnect();
    this.receive(status, index);
    this.startTransport(this.transports.length - 1);
  }

  private end(): void {
    this.ended = true;
    clearTimeout(this.silenceTimer);
    this.disconnect();
  }
}
