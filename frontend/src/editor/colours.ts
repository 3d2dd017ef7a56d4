import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** The editor's colours are the page's custom properties, so light and dark need no second theme. */
export const editorColours = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--surface)", color: "var(--text)" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  // The gutter would cover the outline's left side.
  "&.cm-focused::after": {
    content: '""',
    position: "absolute",
    inset: "0",
    zIndex: "10",
    border: "2px solid var(--focus)",
    pointerEvents: "none",
  },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-muted)", border: "none" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--line-active)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--selection)",
  },
  ".cm-panels": { backgroundColor: "var(--surface-inset)", color: "var(--text)" },
  ".cm-panel.cm-search": {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "0.35rem 0.5rem",
    padding: "0.45rem 2rem 0.45rem 0.6rem",
    font: "0.875rem var(--sans)",
    "& br": { display: "none" },
    "& label": { display: "inline-flex", alignItems: "center", gap: "0.25rem", fontSize: "inherit" },
    "& [name=close]": { insetInlineEnd: "0.5rem", insetInlineStart: "auto", top: "0.4rem", fontSize: "1.1rem" },
  },
  ".cm-textfield": {
    margin: "0",
    padding: "0.2rem 0.5rem",
    border: "1px solid var(--line-strong)",
    borderRadius: "7px",
    backgroundColor: "var(--surface)",
    color: "var(--text)",
    fontSize: "inherit",
  },
  ".cm-button": {
    margin: "0",
    padding: "0.2rem 0.6rem",
    border: "1px solid var(--line-strong)",
    borderRadius: "7px",
    backgroundColor: "var(--surface)",
    backgroundImage: "none",
    color: "var(--text)",
    fontSize: "inherit",
  },
  ".cm-textfield:focus-visible, .cm-button:focus-visible": { outline: "2px solid var(--focus)" },
  ".cm-searchMatch": { backgroundColor: "var(--highlight-soft)", outline: "1px solid var(--highlight)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--selection)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--selection)",
    color: "var(--text)",
  },
  // The base theme has the colours of light pages only.
  ".cm-panel.cm-panel-lint ul [aria-selected], .cm-panel.cm-panel-lint ul:focus [aria-selected]": {
    backgroundColor: "var(--selection)",
    color: "var(--text)",
  },
  ".cm-panel.cm-panel-lint [name=close]": { minWidth: "24px", minHeight: "24px" },
  ".cm-selectionMatch": { backgroundColor: "var(--highlight-soft)" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--text)", borderColor: "var(--line)" },
});

export const highlightColours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.controlKeyword], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.character], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.comment], color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.typeName, tags.className, tags.namespace], color: "var(--code-type)" },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName)],
    color: "var(--code-function)",
  },
  { tag: [tags.processingInstruction, tags.meta, tags.macroName], color: "var(--code-meta)" },
]);
