import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Runtimes } from "../api/types";

export type { Runtimes };

const WIDTH = 320;
const HEIGHT = 72;

interface Props {
  problem: string;
  language: string;
  runtime: number;
}

/** Compares this runtime with all accepted ones. */
export function RuntimeHistogram({ problem, language, runtime }: Props) {
  const path = `/problems/${encodeURIComponent(problem)}/runtimes?language=${encodeURIComponent(language)}`;
  const runtimes = useQuery({
    queryKey: ["runtimes", problem, language, runtime],
    queryFn: ({ signal }) => call<Runtimes>(path, { signal }),
  });
  return (
    <figure className="runtimes">
      <figcaption>{runtimes.data ? caption(runtimes.data, runtime) : t`Runtimes of accepted submissions`}</figcaption>
      {runtimes.data && runtimes.data.count > 0 ? (
        <Bars runtimes={runtimes.data} runtime={runtime} />
      ) : (
        <div className="runtimes-placeholder" />
      )}
    </figure>
  );
}

/** Describes the bars in a text. */
export function caption({ count, bins, band_ms }: Runtimes, runtime: number): string {
  if (count < 2) return t`The first accepted submission in this language`;
  const slower = bins.filter((bin) => bin.from_ms > runtime).reduce((sum, bin) => sum + bin.count, 0);
  if (!band_ms) return t`Faster than ${slower} of ${count} accepted submissions`;
  const [from, to] = band_ms;
  return t`Faster than ${slower} of ${count} accepted submissions; your best, with timing noise: ${from} to ${to} ms`;
}

function Bars({ runtimes, runtime }: { runtimes: Runtimes; runtime: number }) {
  const { bins, band_ms } = runtimes;
  const first = bins[0]?.from_ms ?? 0;
  const span = Math.max(1, (bins[bins.length - 1]?.to_ms ?? 1) - first);
  const most = Math.max(...bins.map((bin) => bin.count));
  const at = (ms: number) => Math.min(WIDTH, Math.max(0, ((ms - first) / span) * WIDTH));
  return (
    <>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {band_ms ? (
          <rect
            className="runtimes-band"
            x={at(band_ms[0])}
            width={Math.max(2, at(band_ms[1]) - at(band_ms[0]))}
            y={0}
            height={HEIGHT}
          />
        ) : null}
        {bins.map((bin) => (
          <rect
            key={bin.from_ms}
            className={bin.from_ms <= runtime && runtime < bin.to_ms ? "runtimes-mine" : "runtimes-bar"}
            x={at(bin.from_ms) + 1}
            width={Math.max(1, at(bin.to_ms) - at(bin.from_ms) - 2)}
            y={HEIGHT - (bin.count / most) * (HEIGHT - 4)}
            height={(bin.count / most) * (HEIGHT - 4)}
          />
        ))}
      </svg>
      <p className="runtimes-axis muted">
        <span>
          <Trans>{first} ms</Trans>
        </span>
        <span>
          <Trans>{first + span} ms</Trans>
        </span>
      </p>
    </>
  );
}
