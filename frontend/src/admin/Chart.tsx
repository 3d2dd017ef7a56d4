import { tierName } from "../lib/names";
import { t } from "@lingui/core/macro";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { formatDecimal, formatNumber } from "../lib/format";
import { regionalLocale } from "../lib/i18n";
import { useTheme } from "../theme/useTheme";
import { type ChartSeries, isolatedPoints } from "./chartSeries";
import "uplot/dist/uPlot.min.css";

const HEIGHT = 190;
const MINUTE = 60;
/** Points at most this many seconds apart are joined by a line; a longer pause is a gap. */
const BRIDGED_SECONDS = 90;
const STEPS = 40;
const DAY = 86_400;

/** The colours of the tiers beside normal and premium. They begin again when all are used. */
const COLOURS = ["--good", "--big", "--broken", "--source"];
const DASHES = [
  [2, 3],
  [10, 4, 2, 4],
  [1, 5],
  [12, 3],
];

interface Props {
  series: ChartSeries;
  label: string;
  /** Moments in seconds at which a vertical line is drawn, such as restarts. */
  markers: readonly number[];
  /** Whether the values are counts. Their axis has whole numbers only. */
  isCount: boolean;
}

/** All tiers over time. Their lines differ by dashes too, so that colour is not the only difference. */
export default function Chart({ series, label, markers, isCount }: Props) {
  const container = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const marked = useRef(markers);
  marked.current = markers;
  const { isDark } = useTheme();
  const names = series.tiers.map(({ tier }) => tier);
  const shown = names.join(" ");

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme or other tiers mean other lines, so another plot
  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const made = new uPlot(options(element, names, marked, isCount), [[], ...names.map(() => [])], element);
    plot.current = made;
    const size = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    size.observe(element);
    return () => {
      size.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [isDark, shown]);

  useEffect(() => {
    plot.current?.setData([series.times, ...series.tiers.map(({ values }) => values)]);
    showNewest(plot.current);
  });
  return <div className="chart-container" ref={container} role="img" aria-label={describeChart(series, label)} />;
}

/** Without a pointer over the chart, the legend shows the newest values. */
function showNewest(plot: uPlot | null): void {
  if (plot && (plot.cursor.left ?? -1) < 0) plot.setLegend({ idx: plot.data[0].length - 1 });
}

/** Whole numbers as steps of an axis. */
const WHOLE_STEPS = [1, 2, 5]
  .flatMap((step) => [0, 1, 2, 3, 4, 5, 6].map((power) => step * 10 ** power))
  .sort((a, b) => a - b);

function options(
  element: HTMLElement,
  tiers: readonly string[],
  marked: { readonly current: readonly number[] },
  isCount: boolean,
): uPlot.Options {
  const colour = (name: string) => computedColour(element, `var(${name})`);
  const axis = {
    stroke: colour("--text-muted"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: `12px ${getComputedStyle(element).fontFamily}`,
  };
  const lineStyle = {
    gaps: visibleGaps,
    points: {
      show: true,
      size: 5,
      filter: (plot: uPlot, at: number) => isolatedPoints(plot.data[0], plot.data[at] ?? [], maxBridged(plot)),
    },
    value: formatValue,
  };
  return {
    width: element.clientWidth || 300,
    height: HEIGHT,
    legend: {
      live: true,
      markers: { width: 2.5, dash: (_plot, index) => (tiers[index - 1] === "premium" ? "solid" : "dashed") },
    },
    cursor: { points: { size: 7 }, drag: { x: false, y: false } },
    hooks: {
      setCursor: [showNewest],
      drawAxes: [(plot) => drawMarkers(plot, marked.current, colour("--text-muted"))],
    },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, (high ?? 0) * 1.1)] } },
    axes: [
      {
        ...axis,
        size: 30,
        space: 70,
        values: (_plot, splits, _axis, _space, step) => splits.map((at) => formatTime(at, step)),
      },
      { ...axis, size: 46, space: 28, ...(isCount ? { incrs: WHOLE_STEPS } : {}) },
    ],
    series: [
      { label: t`at`, value: (_plot, at) => (at === null ? "–" : formatTime(at, 1)) },
      ...tiers.map((tier, at) => ({ label: tierName(tier), ...tierLine(tier, at, colour), ...lineStyle })),
    ],
  };
}

/** A thin line at each marked moment that is shown. */
function drawMarkers(plot: uPlot, moments: readonly number[], stroke: string): void {
  const { left, top, width, height } = plot.bbox;
  plot.ctx.save();
  plot.ctx.strokeStyle = stroke;
  plot.ctx.lineWidth = devicePixelRatio;
  plot.ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const moment of moments) {
    const x = plot.valToPos(moment, "x", true);
    if (x < left || x > left + width) continue;
    plot.ctx.beginPath();
    plot.ctx.moveTo(x, top);
    plot.ctx.lineTo(x, top + height);
    plot.ctx.stroke();
  }
  plot.ctx.restore();
}

function tierLine(tier: string, at: number, colour: (name: string) => string) {
  if (tier === "premium") return { stroke: colour("--premium"), width: 2.5 };
  if (tier === "normal") return { stroke: colour("--normal"), width: 2, dash: [6, 4] };
  return { stroke: colour(COLOURS[at % COLOURS.length] ?? "--text"), width: 2, dash: DASHES[at % DASHES.length] ?? [] };
}

/** The pauses between measurements that are long enough for a gap in the line. */
function visibleGaps(plot: uPlot, _series: number, _first: number, _last: number, gaps: uPlot.Series.Gaps) {
  const limit = maxBridged(plot);
  return gaps.filter(([from, to]) => plot.posToVal(to, "x", true) - plot.posToVal(from, "x", true) > limit);
}

function maxBridged(plot: uPlot): number {
  const times = plot.data[0];
  return Math.max(BRIDGED_SECONDS, ((times.at(-1) ?? 0) - (times[0] ?? 0)) / STEPS);
}

function formatValue(_plot: uPlot, value: number | null): string {
  if (value === null || value === undefined) return "–";
  return Number.isInteger(value) ? formatNumber(value) : formatDecimal(value, value < 10 ? 2 : 1);
}

function formatTime(seconds: number, step: number): string {
  const at = new Date(seconds * 1000);
  if (step >= DAY) return at.toLocaleDateString(regionalLocale(), { day: "numeric", month: "short" });
  const shown = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  return at.toLocaleTimeString(regionalLocale(), step < MINUTE ? { ...shown, second: "2-digit" } : shown);
}

/** A canvas does not resolve custom properties: let the browser compute the colour. */
function computedColour(element: HTMLElement, colour: string): string {
  const probe = document.createElement("span");
  probe.style.color = colour;
  element.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function describeChart(series: ChartSeries, label: string): string {
  const last = (values: (number | null)[]) => {
    const value = values.findLast((each) => each !== null);
    return value === undefined || value === null ? t`nothing yet` : formatDecimal(value, 1);
  };
  const now = series.tiers.map(({ tier, values }) => `${tierName(tier)} ${last(values)}`);
  return t`${label}. Now: ${now.reverse().join(", ")}.`;
}
