import { t } from "@lingui/core/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { call, download } from "../api/client";
import type { Problem } from "../api/types";
import { untilFinal } from "../status-updates/untilFinal";
import { changesOf, type Edit, type Edits, textOf } from "./edits";
import type {
  AddedProblem,
  AuthoredLine,
  AuthoredProblem,
  Judged,
  PackageFiles,
  Rejudged,
  StateChanged,
  Touched,
  Verification,
  YamlFormAnswer,
  YamlValue,
} from "./types";

const POLL_MS = 1500;
const ASKED_AT_ONCE = 100;

export function pathOf(slug: string): string {
  return `/admin/problems/${encodeURIComponent(slug)}`;
}

export function packageUrl(slug: string, version: string, form: "served" | "uploaded"): string {
  return `${pathOf(slug)}/versions/${version}/package?form=${form}`;
}

export function isUnderWay(verification: Verification | null | undefined): boolean {
  return !!verification && verification.ended_at === null;
}

export function useAuthoredProblems() {
  return useQuery({
    queryKey: ["admin", "problems"],
    queryFn: ({ signal }) => call<{ problems: AuthoredLine[] }>("/admin/problems", { signal }),
    select: (answer) => answer.problems,
  });
}

/** A problem for its authors, asked for again and again while it is being verified. */
export function useAuthoredProblem(slug: string) {
  return useQuery({
    queryKey: ["admin", "problems", slug],
    queryFn: ({ signal }) => call<AuthoredProblem>(pathOf(slug), { signal }),
    refetchInterval: (query) => (isUnderWay(query.state.data?.verification) ? POLL_MS : false),
  });
}

function useChange<Input, Answer>(change: (input: Input) => Promise<Answer>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ["problems"] });
      void queries.invalidateQueries({ queryKey: ["problem"] });
      return queries.invalidateQueries({ queryKey: ["admin"] });
    },
  });
}

/** Uploads a package as a draft. */
export function useAddProblem() {
  return useChange((archive: File) => {
    const form = new FormData();
    form.set("package", archive);
    form.set("state", "draft");
    return call<AddedProblem>("/admin/problems", { method: "POST", form });
  });
}

export function useVerify(slug: string) {
  return useChange((version: string) => call(`${pathOf(slug)}/verify?version=${version}`, { method: "POST" }));
}

export interface StateChange {
  state: "draft" | "published" | "archived";
  version?: string;
  unverified?: boolean;
}

export function useChangeState(slug: string) {
  return useChange((body: StateChange) => call<StateChanged>(`${pathOf(slug)}/state`, { method: "PUT", body }));
}

export function useRestore(slug: string) {
  return useChange((version: string) =>
    call<StateChanged>(`${pathOf(slug)}/versions/${version}/restore`, { method: "POST" }),
  );
}

export function useDelete(slug: string) {
  return useChange((keepRecords: boolean) =>
    call<{ done: string }>(`${pathOf(slug)}?keep_records=${keepRecords}`, { method: "DELETE" }),
  );
}

export function useCoAuthor(slug: string) {
  return useChange(({ name, add }: { name: string; add: boolean }) =>
    call<{ done: string }>(`${pathOf(slug)}/co-authors/${encodeURIComponent(name)}`, {
      method: add ? "PUT" : "DELETE",
    }),
  );
}

/** The submissions that a rejudging would judge again. */
export function useTouched(slug: string, enabled: boolean) {
  return useQuery({
    queryKey: ["admin", "problems", slug, "touched"],
    queryFn: ({ signal }) => call<Touched>(`${pathOf(slug)}/rejudge`, { signal }),
    enabled,
  });
}

/** Rejudges the submissions that were judged by other tests, page by page. */
export function useRejudge(slug: string) {
  return useChange(async () => {
    const begun: Rejudged[] = [];
    let cursor: string | null = null;
    do {
      const body: { all: boolean; cursor: number | null } = { all: false, cursor: cursor ? Number(cursor) : null };
      const page: { rejudged: Rejudged[]; cursor: string | null } = await call(`${pathOf(slug)}/rejudge`, {
        method: "POST",
        body,
      });
      begun.push(...page.rejudged);
      cursor = page.cursor;
    } while (cursor !== null);
    return begun;
  });
}

/** The verdicts of the first 100 rejudged submissions, requested again and again until each has a new verdict. */
export function useVerdicts(slug: string, ids: readonly string[]) {
  const asked = ids.slice(0, ASKED_AT_ONCE);
  return useQuery({
    queryKey: ["rejudged", slug, asked],
    queryFn: ({ signal }) =>
      call<{ submissions: Judged[] }>(`${pathOf(slug)}/verdicts?ids=${asked.join(",")}`, { signal }),
    select: (answer) => new Map(answer.submissions.map((one) => [one.id, one])),
    enabled: asked.length > 0,
    refetchInterval: (query) => (query.state.data?.submissions.some((one) => one.open) ? POLL_MS : false),
  });
}

/** Saves a version in another judge's format; the answer lists what that format cannot express.
 */
export function useExport(slug: string, version: string) {
  return useMutation({
    mutationFn: async (format: string): Promise<string[]> => {
      const response = await download(`${pathOf(slug)}/versions/${version}/package?format=${format}`);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await response.blob());
      link.download = `${slug}-${format}.zip`;
      link.click();
      URL.revokeObjectURL(link.href);
      return JSON.parse(response.headers.get("Export-Notes") ?? "[]");
    },
  });
}

/** The files of a version, by path. */
export function useFiles(slug: string, version: string) {
  return useQuery({
    queryKey: ["admin", "files", slug, version],
    queryFn: ({ signal }) => call<PackageFiles>(`${pathOf(slug)}/versions/${version}/files`, { signal }),
    select: (answer) => answer.files,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The content of one file of a version, which never changes. */
export function useFileContent(slug: string, version: string, path: string, enabled: boolean) {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return useQuery({
    queryKey: ["file", slug, version, path],
    queryFn: async ({ signal }) => {
      const response = await download(`${pathOf(slug)}/versions/${version}/files/${encoded}`, signal);
      return response.arrayBuffer();
    },
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

interface ShownFile {
  path: string;
  isStored: boolean;
  edit: Edit | undefined;
}

/**
 * The text of a file with its change. The text is `null` when the file is no text or too long. One hook serves stored
 * and changed files, so that the text field is not made anew at the first change and keeps the focus.
 */
export function useContent({ slug, newest }: AuthoredProblem, { path, isStored, edit }: ShownFile) {
  const source = edit && "from" in edit ? edit.from : path;
  const needsContent = source !== path || (edit === undefined && isStored);
  const { data, error, refetch } = useFileContent(slug, newest, source, needsContent);
  const stored = useMemo(() => data && { text: textOf(data) }, [data]);
  if (needsContent) return { data: stored, error, refetch };
  const text = edit === undefined ? "" : "text" in edit ? edit.text : null;
  return { data: { text }, error: null, refetch };
}

/** The picture that the package's input visualizer draws of a test, or why there is none. */
export interface DrawnTest {
  name: string;
  base64: string | null;
  fault: string;
}

/** Lets a worker draw a test of a version, and waits for the picture. */
export function useDrawnTest(slug: string, version: string) {
  return useMutation({
    mutationFn: async (test: string): Promise<DrawnTest> => {
      const url = `${pathOf(slug)}/versions/${version}/pictures`;
      const { id } = await call<{ id: string }>(url, { method: "POST", body: { test } });
      const status = await untilFinal(id);
      const drawn = status.tests?.find(({ name }) => name === "picture");
      const fault = drawn?.message ?? status.reason ?? t`The server cannot draw pictures now. Tell an administrator.`;
      return { name: drawn?.output ?? "", base64: drawn?.output_base64 ?? null, fault };
    },
  });
}

/** The problem with the edits, rendered by the server. The last rendering stays until the next one is there. */
export function usePreview(slug: string, version: string, edits: Edits) {
  return useQuery({
    queryKey: ["preview", slug, version, edits],
    queryFn: ({ signal }) =>
      call<Problem>(`${pathOf(slug)}/versions/${version}/preview`, {
        method: "POST",
        body: { changes: changesOf(edits) },
        signal,
      }),
    placeholderData: (before) => before,
    queryKeyHashFn: (key) => JSON.stringify([...key.slice(0, 3), [...edits]]),
    gcTime: 0,
    retry: false,
  });
}

export interface FormRequest {
  path: string;
  text?: string | undefined;
  values?: Record<string, YamlValue>;
}

/** A YAML file as a form, after some changes of its values. */
export function readForm(slug: string, version: string, body: FormRequest): Promise<YamlFormAnswer> {
  return call<YamlFormAnswer>(`${pathOf(slug)}/versions/${version}/form`, { method: "POST", body });
}

/** Saves the edits as a draft version. */
export function useSaveChanges(slug: string) {
  return useChange(({ version, edits }: { version: string; edits: Edits }) =>
    call<AddedProblem>(`${pathOf(slug)}/versions/${version}/changes`, {
      method: "POST",
      body: { changes: changesOf(edits) },
    }),
  );
}
