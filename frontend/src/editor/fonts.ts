/** Fonts for programs that devices have; an empty name is the font of the page. */
export const FONTS = [
  "",
  "Cascadia Code",
  "Consolas",
  "Courier New",
  "DejaVu Sans Mono",
  "Fira Code",
  "JetBrains Mono",
  "Menlo",
];
