import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { useTheme } from "../theme/useTheme";
import { type Lines, lonely } from "./series";
import "uplot/dist/uPlot.min.css";

const HEIGHT = 190;
const MINUTE = 60;
/** A line goes on over so many seconds without a measurement; what is further apart has nothing between it. */
const BRIDGED = 90;
const STEPS = 40;
const DAY = 86_400;

/** Both tiers over time. Premium is the full line, normal the dashed one: not told apart by colour alone. */
export default function Chart({ lines, label }: { lines: Lines; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const { isDark } = useTheme();

  // another theme means other colours, so another plot
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(options(element), [[], [], []], element);
    plot.current = made;
    const size = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    size.observe(element);
    return () => {
      size.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [isDark]);

  useEffect(() => {
    plot.current?.setData([lines.times, lines.normal, lines.premium]);
    showNewest(plot.current);
  });
  return <div className="chart-place" ref={place} role="img" aria-label={inWords(lines, label)} />;
}

/** Under the pointer the legend tells that moment; otherwise the newest. */
function showNewest(plot: uPlot | null): void {
  if (plot && (plot.cursor.left ?? -1) < 0) plot.setLegend({ idx: plot.data[0].length - 1 });
}

function options(element: HTMLElement): uPlot.Options {
  const colour = (name: string) => resolve(element, `var(${name})`);
  const axis = {
    stroke: colour("--ink-soft"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
    font: `12px ${getComputedStyle(element).fontFamily}`,
  };
  const line = { gaps: widest, points: { show: true, size: 5, filter: (plot: uPlot, at: number) => lonely(plot.data[0], plot.data[at] ?? [], bridged(plot)) }, value: amount };
  return {
    width: element.clientWidth || 300,
    height: HEIGHT,
    legend: { live: true, markers: { width: 2.5, dash: (_plot, series) => (series === 1 ? "dashed" : "solid") } },
    cursor: { points: { size: 7 }, drag: { x: false, y: false } },
    hooks: { setCursor: [showNewest] },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, (high ?? 0) * 1.1)] } },
    axes: [
      { ...axis, size: 30, space: 70, values: (_plot, splits, _axis, _space, step) => splits.map((at) => clock(at, step)) },
      { ...axis, size: 46, space: 28 },
    ],
    series: [
      { label: "at", value: (_plot, at) => (at === null ? "–" : clock(at, 1)) },
      { label: "normal", stroke: colour("--normal"), width: 2, dash: [6, 4], ...line },
      { label: "premium", stroke: colour("--premium"), width: 2.5, ...line },
    ],
  };
}

/** Of the places without a measurement those that are worth a gap in the line. */
function widest(plot: uPlot, _series: number, _first: number, _last: number, gaps: uPlot.Series.Gaps) {
  const most = bridged(plot);
  return gaps.filter(([from, to]) => plot.posToVal(to, "x", true) - plot.posToVal(from, "x", true) > most);
}

function bridged(plot: uPlot): number {
  const times = plot.data[0];
  return Math.max(BRIDGED, ((times.at(-1) ?? 0) - (times[0] ?? 0)) / STEPS);
}

function amount(_plot: uPlot, value: number | null): string {
  if (value === null || value === undefined) return "–";
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1);
}

function clock(seconds: number, step: number): string {
  const at = new Date(seconds * 1000);
  if (step >= DAY) return at.toLocaleDateString(undefined, { day: "numeric", month: "short" });
  const shown = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  return at.toLocaleTimeString(undefined, step < MINUTE ? { ...shown, second: "2-digit" } : shown);
}

/** A canvas knows no custom properties: ask the browser what the colour is now. */
function resolve(element: HTMLElement, colour: string): string {
  const probe = document.createElement("span");
  probe.style.color = colour;
  element.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function inWords(lines: Lines, label: string): string {
  const last = (values: (number | null)[]) =>
    values.findLast((value) => value !== null)?.toFixed(1) ?? "nothing yet";
  return `${label}. Now: premium ${last(lines.premium)}, normal ${last(lines.normal)}.`;
}
