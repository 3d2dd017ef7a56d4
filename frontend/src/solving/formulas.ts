import katex from "katex";
import "katex/dist/katex.min.css";

const FONT_PATIENCE_MS = 600;
const FONTS = ["1em KaTeX_Main", "italic 1em KaTeX_Math"];

/**
 * Draw every formula of a statement by KaTeX, from the TeX that the server leaves in its MathML. What KaTeX does
 * not know stays MathML, which the browser draws as well as its fonts allow. An author's TeX is not trusted: no
 * links, no HTML, no sizes that cover the page.
 */
export function typeset(place: HTMLElement): void {
  for (const math of place.querySelectorAll("math")) {
    const tex = math.querySelector('annotation[encoding="application/x-tex"]')?.textContent;
    if (!tex) continue;
    const isDisplay = math.getAttribute("display") === "block";
    const drawn = document.createElement(isDisplay ? "div" : "span");
    drawn.className = isDisplay ? "formula" : "";
    try {
      katex.render(tex, drawn, { displayMode: isDisplay, trust: false, strict: "ignore", maxSize: 20, maxExpand: 500 });
      math.replaceWith(drawn);
      // What scrolls must be reached by the keyboard (WCAG 2.1.1).
      if (isDisplay && drawn.scrollWidth > drawn.clientWidth) drawn.tabIndex = 0;
    } catch {
      // Not KaTeX's TeX: the MathML stays.
    }
  }
}

/** The letters come before the text, so that no line breaks anew when they arrive; but not at any price. */
export async function fetchLetters(): Promise<void> {
  const fonts = Promise.all(FONTS.map((font) => document.fonts.load(font)));
  await Promise.race([fonts, new Promise((resolve) => setTimeout(resolve, FONT_PATIENCE_MS))]);
}
