const PATHS = {
  check: "M3.5 8.5l3 3 6-7",
  half: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 2.5v11M10 4v8M12 5.500v5",
  cross: "M4 4l8 8M12 4l-8 8",
  clock: "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2 1.3",
  memory: "M4 4h8v8H4zM6.5 2v2M9.5 2v2M6.5 12v2M9.5 12v2M2 6.5h2M2 9.5h2M12 6.5h2M12 9.5h2",
  bolt: "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z",
  code: "M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5",
  output: "M3 3.5h10M3 6.5h7M3 9.5h10M3 12.5h5",
  dots: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  play: "M5 3l8 5-8 5z",
  up: "M8 13V3.5M4 7l4-4 4 4",
  copy: "M5.5 5.5h7v8h-7zM3.5 10.5v-8h7",
  sun: "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.1 1.1M11.9 11.9 13 13M13 3l-1.1 1.1M4.1 11.9 3 13",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z",
  screen: "M2 3h12v8H2zM6 13.5h4M8 11v2.5",
  link: "M6.5 9.5l3-3M7 4.8l1.3-1.3a2.6 2.6 0 0 1 3.7 3.7L10.700 8.500M9 11.200l-1.300 1.300a2.600 2.600 0 0 1-3.700-3.700L5.300 7.500",
  keyboard: "M1.500 4h13v8h-13zM4 6.500h.010M6.500 6.500h.010M9 6.500h.010M11.500 6.500h.010M5 9.500h6",
  sliders:
    "M2.5 5h6M11.5 5h2M10 3.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM2.5 11h2M7.5 11h6M6 9.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  plus: "M8 3v10M3 8h10",
  bell: "M8 2.500a3.500 3.500 0 0 0-3.500 3.500v3L3 11.500h10L11.500 9V6A3.500 3.500 0 0 0 8 2.500zM6.500 13.500h3",
  reset: "M3 8a5 5 0 1 0 1.700-3.700L3 6M3 2.500V6h3.500",
} as const;

export type IconName = keyof typeof PATHS;

/** An icon beside a text. The text carries the meaning, so screen readers skip the icon. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
