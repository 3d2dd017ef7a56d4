import type { Status } from "../wire/types";
import { isFinal, isNewer } from "./order";
import { glance, PollingRoad } from "./polling";
import type { Road } from "./road";
import { SocketRoad } from "./socket";
import { StreamRoad } from "./stream";

const SILENCE_MS = 10_000;
const roads: readonly Road[] = [new SocketRoad(), new StreamRoad(), new PollingRoad()];

export interface Watch {
  /** Every status that says more than the one before; the last is final. */
  told(status: Status): void;
  /** No road is left: the submission is unknown or not this person's. */
  lost(why: string): void;
}

/**
 * Follow one submission to its end by the best road that is open, changing roads without a word.
 *
 * A road that stays silent for {@link SILENCE_MS} is checked by one question over plain HTTP: a socket that a
 * proxy holds open without passing anything on would otherwise look like a slow judge. A long queue is silent
 * too, so a road is left only when the answer shows that it kept something back.
 */
export function watchSubmission(id: string, watch: Watch, by: readonly Road[] = roads): () => void {
  return new Journey(id, watch, by).start();
}

class Journey {
  private seen: Status | undefined;
  private leave: () => void = () => {};
  private silence: ReturnType<typeof setTimeout> | undefined;
  private ended = false;

  constructor(
    private readonly id: string,
    private readonly watch: Watch,
    private readonly roads: readonly Road[],
  ) {}

  start(): () => void {
    this.take(0);
    return () => this.end();
  }

  private take(place: number): void {
    const road = this.roads[place];
    if (this.ended) return;
    if (road) this.set(road, place);
    else this.watch.lost("The submission cannot be followed.");
  }

  private set(road: Road, place: number): void {
    this.listen(place);
    document.documentElement.dataset.live = road.name;
    this.leave = road.follow(this.id, {
      heard: (status) => this.hear(status, place),
      closed: () => this.take(place + 1),
    });
  }

  private hear(status: Status, place: number): void {
    if (this.ended) return;
    this.listen(place);
    if (!isNewer(status, this.seen)) return;
    this.seen = status;
    if (isFinal(status)) this.end();
    this.watch.told(status);
  }

  private listen(place: number): void {
    clearTimeout(this.silence);
    if (place < this.roads.length - 1) this.silence = setTimeout(() => void this.doubt(place), SILENCE_MS);
  }

  private async doubt(place: number): Promise<void> {
    const leave = this.leave;
    const status = await glance(this.id);
    if (this.ended || this.leave !== leave) return;
    if (!status || !isNewer(status, this.seen)) return this.listen(place);
    leave();
    this.hear(status, place);
    this.take(this.roads.length - 1);
  }

  private end(): void {
    this.ended = true;
    clearTimeout(this.silence);
    this.leave();
  }
}
