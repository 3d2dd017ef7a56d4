import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import type { TimedEvent } from "./queries";

/** The time by the server's clock, once a second. */
export function useServerTime(clock: number): number {
  const [now, setNow] = useState(() => Date.now() + clock);
  useEffect(() => {
    const tick = () => setNow(Date.now() + clock);
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [clock]);
  return now;
}

export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours >= 48 ? t`${Math.floor(hours / 24)} days` : `${hours}:${rest}`;
}

/** The time until the start or the end, by the server's clock. It stands still while the event is paused. */
export function Countdown({ event }: { event: TimedEvent }) {
  const serverTime = useServerTime(event.clock);
  const isPaused = event.paused_at !== null;
  const now = event.paused_at === null ? serverTime : Math.min(serverTime, Date.parse(event.paused_at));
  const start = Date.parse(event.member?.window?.start ?? event.starts_at);
  const end = Date.parse(event.member?.window?.end ?? event.ends_at);
  const hardEnd = Date.parse(event.member?.window?.hard_end ?? event.ends_at);
  const [text, until] =
    now < start
      ? [t`starts in`, start]
      : now < end
        ? [t`ends in`, end]
        : now < hardEnd
          ? [t`late, closes in`, hardEnd]
          : [t`ended`, 0];
  return (
    <p className="countdown" role="timer" aria-live="off">
      {isPaused ? (
        <>
          <strong>
            <Trans>paused</Trans>
          </strong>
          {", "}
        </>
      ) : null}
      <span className="muted">{text}</span> {until ? <strong>{clockText(until - now)}</strong> : null}
    </p>
  );
}
