import katex from "katex";
import "katex/dist/katex.min.css";

const FONT_TIMEOUT_MS = 600;
const FONTS = ["1em KaTeX_Main", "italic 1em KaTeX_Math"];

/**
 * Renders every formula of a statement with KaTeX, from the TeX that the server leaves in its MathML. A formula that
 * KaTeX cannot parse stays MathML. An author's TeX is not trusted: no links, no HTML, no sizes that cover the page.
 */
export function renderFormulas(container: HTMLElement): void {
  for (const math of container.querySelectorAll("math")) {
    const tex = math.querySelector('annotation[encoding="application/x-tex"]')?.textContent;
    if (!tex) continue;
    const isDisplay = math.getAttribute("display") === "block";
    const rendered = document.createElement(isDisplay ? "div" : "span");
    rendered.className = isDisplay ? "formula" : "";
    try {
      katex.render(tex, rendered, {
        displayMode: isDisplay,
        trust: false,
        strict: "ignore",
        maxSize: 20,
        maxExpand: 500,
      });
      math.replaceWith(rendered);
      // A scrollable element must be focusable (WCAG 2.1.1).
      if (isDisplay && rendered.scrollWidth > rendered.clientWidth) rendered.tabIndex = 0;
    } catch {
      // KaTeX cannot parse the formula: the MathML stays.
    }
  }
}

/** Loads `\ce` and `\pu` for chemistry: few statements need them, and they weigh as much as a page. */
export async function loadChemistry(): Promise<void> {
  await import("katex/contrib/mhchem");
}

/** Loads the fonts before the text is shown, so that no line reflows; gives up after a timeout. */
export async function loadFonts(): Promise<void> {
  const fonts = Promise.all(FONTS.map((font) => document.fonts.load(font)));
  await Promise.race([fonts, new Promise((resolve) => setTimeout(resolve, FONT_TIMEOUT_MS))]);
}
