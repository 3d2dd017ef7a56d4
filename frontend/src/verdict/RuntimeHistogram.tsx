import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Runtimes } from "../api/types";

export type { Runtimes };

const WIDTH = 320;
const HEIGHT = 72;
/** Fewer runtimes than this are dots: bars would look like a distribution. */
const FEW = 10;

interface Props {
  problem: string;
  language: string;
  runtime: number;
}

/** Compares this runtime with the best one of each other person. */
export default function RuntimeHistogram({ problem, language, runtime }: Props) {
  const path = `/problems/${encodeURIComponent(problem)}/runtimes?language=${encodeURIComponent(language)}`;
  const runtimes = useQuery({
    queryKey: ["runtimes", problem, language, runtime],
    queryFn: ({ signal }) => call<Runtimes>(path, { signal }),
  });
  return (
    <figure className="runtimes">
      <figcaption>{runtimes.data ? caption(runtimes.data, runtime) : t`Runtimes of accepted submissions`}</figcaption>
      {runtimes.data && runtimes.data.count > 0 ? (
        <Chart runtimes={runtimes.data} runtime={runtime} />
      ) : (
        <div className="runtimes-placeholder" />
      )}
    </figure>
  );
}

/** The chart in words. `count` includes the reader, whose runtime this is. */
export function caption({ count, bins, values }: Runtimes, runtime: number): string {
  if (count < 2) return t`No one else has an accepted submission in this language yet`;
  const slower = values.length
    ? values.filter((each) => each > runtime).length
    : bins.filter((bin) => bin.from_ms > runtime).reduce((sum, bin) => sum + bin.count, 0);
  const others = count - 1;
  if (slower === 0)
    return plural(others, {
      one: "# other person was as fast or faster",
      other: "# other people were as fast or faster",
    });
  if (slower >= others)
    return plural(others, {
      one: "Faster than the best submission of # other person",
      other: "Faster than the best submissions of all # other people",
    });
  return t`Faster than the best submissions of ${slower} of ${others} other people`;
}

/** A place of the axis for each runtime, from 0 to WIDTH. */
type Place = (ms: number) => number;

function Chart({ runtimes, runtime }: { runtimes: Runtimes; runtime: number }) {
  const { bins, values, band_ms, count } = runtimes;
  const isFew = count < FEW;
  const [from, to] = isFew
    ? fewRange([...values, runtime], band_ms)
    : [bins[0]?.from_ms ?? 0, bins[bins.length - 1]?.to_ms ?? 1];
  const place = isFew ? evenPlace(from, to) : placeInBins(bins);
  return (
    <>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {band_ms ? <Band band={band_ms} place={place} /> : null}
        {isFew ? (
          <Dots values={values} runtime={runtime} place={place} />
        ) : (
          <Bars bins={bins} runtime={runtime} place={place} />
        )}
      </svg>
      <p className="runtimes-axis muted">
        <span>
          <Trans>{from} ms</Trans>
        </span>
        <span>
          <Trans>{to} ms</Trans>
        </span>
      </p>
      <ul className="runtimes-legend muted">
        <li>
          <span className="runtimes-key runtimes-mine" />
          <Trans>yours</Trans>
        </li>
        <li>
          <span className="runtimes-key runtimes-bar" />
          {isFew ? t`the best of one person` : t`people, each by their best`}
        </li>
        {band_ms ? (
          <li>
            <span className="runtimes-key runtimes-band" />
            <Trans>
              timing noise around your best: {band_ms[0]} to {band_ms[1]} ms
            </Trans>
          </li>
        ) : null}
      </ul>
    </>
  );
}

/** The ends of the axis for few runtimes. The margin keeps the noise band from filling the chart. */
export function fewRange(values: readonly number[], band: readonly number[] | null): [number, number] {
  const all = [...values, ...(band ?? [])];
  const margin = band ? Math.ceil(((band[1] ?? 0) - (band[0] ?? 0)) / 2) : 0;
  const from = Math.max(0, Math.min(...all) - margin);
  return [from, Math.max(from + 1, Math.max(...all) + margin)];
}

function evenPlace(from: number, to: number): Place {
  return (ms) => clamp(8 + ((ms - from) / (to - from)) * (WIDTH - 16));
}

/** Draws every bin with the same width, although the last bin may contain all that is far slower. */
function placeInBins(bins: Runtimes["bins"]): Place {
  const width = WIDTH / bins.length;
  return (ms) => {
    const at = bins.findIndex((bin) => ms < bin.to_ms);
    const bin = bins[at];
    if (!bin) return WIDTH;
    return clamp((at + Math.max(0, ms - bin.from_ms) / (bin.to_ms - bin.from_ms)) * width);
  };
}

function clamp(at: number): number {
  return Math.min(WIDTH, Math.max(0, at));
}

function Band({ band: [from, to], place }: { band: readonly [number, number]; place: Place }) {
  const width = Math.max(2, place(to) - place(from));
  return <rect className="runtimes-band" x={place(from)} width={width} y={0} height={HEIGHT} />;
}

function Bars({ bins, runtime, place }: { bins: Runtimes["bins"]; runtime: number; place: Place }) {
  const most = Math.max(...bins.map((bin) => bin.count));
  const width = WIDTH / bins.length;
  return bins.map((bin) => (
    <rect
      key={bin.from_ms}
      className={bin.from_ms <= runtime && runtime < bin.to_ms ? "runtimes-mine" : "runtimes-bar"}
      x={place(bin.from_ms) + 1}
      width={Math.max(1, width - 2)}
      y={HEIGHT - (bin.count / most) * (HEIGHT - 4)}
      height={(bin.count / most) * (HEIGHT - 4)}
    />
  ));
}

/**
 * Draws the submission's own runtime as a line, because a dot may have the same place. Dots of equal runtimes are
 * stacked.
 */
function Dots({ values, runtime, place }: { values: readonly number[]; runtime: number; place: Place }) {
  return (
    <>
      {values.map((value, index) => {
        const below = values.slice(0, index).filter((each) => each === value).length;
        return (
          <ellipse key={index} className="runtimes-bar" cx={place(value)} cy={HEIGHT - 8 - below * 12} rx={4} ry={5} />
        );
      })}
      <rect className="runtimes-mine" x={place(runtime) - 1} width={2} y={4} height={HEIGHT - 4} />
    </>
  );
}
