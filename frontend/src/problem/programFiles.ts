import { t } from "@lingui/core/macro";
import type { Submission } from "../api/types";

/** A program as the API takes it beside problem and language. */
export interface Program {
  source?: string;
  files?: ProgramFile[];
  archive?: string;
  entry_point?: string;
}

interface ProgramFile {
  name: string;
  content?: string;
  content_base64?: string;
}

/** By default the server takes a body of 4 MiB, and base64 makes files a third larger. */
const MOST_BYTES = 3_000_000;

/** Reads chosen files. A zip alone is sent as it is: the server unpacks it and names the files that are wrong. */
export async function readProgram(files: readonly File[], entryPoint: string): Promise<Program> {
  checkSizes(files);
  const entry = entryPoint ? { entry_point: entryPoint } : {};
  const first = files[0];
  if (first && files.length === 1 && isArchive(first.name)) {
    return { archive: base64(new Uint8Array(await first.arrayBuffer())), ...entry };
  }
  return { files: await Promise.all(files.map(readFile)), ...entry };
}

/** The program of a submission, as it is submitted again. Where the text of a file loses bytes, they are sent. */
export function programOf(submission: Pick<Submission, "source" | "files" | "entry_point">): Program {
  if (!submission.files) return { source: submission.source };
  const files = submission.files.map(({ name, content, content_base64 }) =>
    content_base64 ? { name, content_base64 } : { name, content },
  );
  return { files, ...(submission.entry_point ? { entry_point: submission.entry_point } : {}) };
}

export function isArchive(name: string): boolean {
  return name.toLowerCase().endsWith(".zip");
}

/** The server names a wrong file by its place; people know it by its name. */
export function nameOfFile(field: string, files: readonly File[]): string | undefined {
  const place = /^files\.(\d+)\b/.exec(field)?.[1];
  return place === undefined ? undefined : files[Number(place)]?.name;
}

function checkSizes(files: readonly File[]): void {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  if (total <= MOST_BYTES) return;
  const largest = files.reduce((one, other) => (other.size > one.size ? other : one));
  throw new Error(
    t`The files have ${total} bytes; at most ${MOST_BYTES} can be uploaded. The largest is ${largest.name}.`,
  );
}

async function readFile(file: File): Promise<ProgramFile> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const content = textOf(bytes);
  return content === null ? { name: file.name, content_base64: base64(bytes) } : { name: file.name, content };
}

/** The text of the bytes, or `null` if JSON cannot carry it as text. */
function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function base64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += 0x8000) {
    pieces.push(String.fromCharCode(...bytes.subarray(start, start + 0x8000)));
  }
  return btoa(pieces.join(""));
}
