import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { useTheme } from "../theme/useTheme";
import type { Lines } from "./series";
import "uplot/dist/uPlot.min.css";

const HEIGHT = 190;

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
  });
  return <div className="chart-place" ref={place} role="img" aria-label={inWords(lines, label)} />;
}

function options(element: HTMLElement): uPlot.Options {
  const colour = (name: string) => resolve(element, `var(${name})`);
  const axis = {
    stroke: colour("--ink-soft"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth || 300,
    height: HEIGHT,
    legend: { live: true },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, (high ?? 0) * 1.1)] } },
    axes: [axis, { ...axis, size: 46 }],
    series: [
      {},
      { label: "normal", stroke: colour("--normal"), width: 2, dash: [6, 4], spanGaps: true },
      { label: "premium", stroke: colour("--premium"), width: 2.5, spanGaps: true },
    ],
  };
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
