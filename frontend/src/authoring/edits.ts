/** An unsaved change of a file: its new content, the content of a stored file (`from`), or its deletion. */
export type Edit = { text: string } | { base64: string } | { from: string } | { isDeleted: true };
export type Edits = ReadonlyMap<string, Edit>;

/** A change as the API takes it; without content the file is deleted. */
export interface FileChange {
  path: string;
  text?: string;
  base64?: string;
  source?: string;
}

/** The largest file that is edited as text here. */
export const MOST_EDITED_BYTES = 262_144;

export function changesOf(edits: Edits): FileChange[] {
  return [...edits].map(([path, edit]) => {
    if ("isDeleted" in edit) return { path };
    return "from" in edit ? { path, source: edit.from } : { path, ...edit };
  });
}

export function withEdit(edits: Edits, path: string, edit: Edit | null): Edits {
  const next = new Map(edits);
  if (edit === null) next.delete(path);
  else next.set(path, edit);
  return next;
}

/** The edits after files got other paths, all at once, so that two files may swap their paths. */
export function withRenames(edits: Edits, stored: readonly string[], renames: ReadonlyMap<string, string>): Edits {
  const next = new Map(edits);
  const contents = new Map<string, Edit>();
  for (const [from, to] of renames) {
    const edit = edits.get(from) ?? { from };
    if (!("isDeleted" in edit)) contents.set(to, edit);
    if (stored.includes(from)) next.set(from, { isDeleted: true });
    else next.delete(from);
  }
  for (const [to, edit] of contents) {
    if ("from" in edit && edit.from === to) next.delete(to);
    else next.set(to, edit);
  }
  return next;
}

/** The paths after the edits, sorted. */
export function pathsAfter(stored: readonly string[], edits: Edits): string[] {
  const paths = new Set(stored);
  for (const [path, edit] of edits) "isDeleted" in edit ? paths.delete(path) : paths.add(path);
  return [...paths].sort();
}

const PARTS: readonly [RegExp, string][] = [
  [/^(statement|problem_statement)\/|^problem\.(pdf|html)$/, "statement"],
  [/^(problem\.yaml|\.timelimit|domjudge-problem\.ini)$/, "settings"],
  [/^data\/sample\//, "samples"],
  [/^data\//, "tests"],
  [/^(input_validators?|input_format_validators|output_validators?|static_validators?|graders)\//, "validators"],
  [/^submissions\//, "submissions"],
  [/^attachments\//, "attachments"],
];
export const PART_ORDER = [...PARTS.map(([, part]) => part), "others"];

export function partOf(path: string): string {
  return PARTS.find(([pattern]) => pattern.test(path))?.[1] ?? "others";
}

/** The text of a file, or `null` when the file is no text or too long to be edited here. */
export function textOf(content: ArrayBuffer): string | null {
  if (content.byteLength > MOST_EDITED_BYTES) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

export function base64Of(content: ArrayBuffer): string {
  const bytes = new Uint8Array(content);
  let binary = "";
  for (let start = 0; start < bytes.length; start += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(binary);
}
