import { ApiError } from "./ApiError";
import { hasSession } from "./session";

/** The CSRF token of this browser's session, fetched before the first change and kept in memory. */
let csrfToken: string | null = null;

export function setCsrfToken(token: string | null | undefined): void {
  csrfToken = token ?? null;
}

async function readCsrfToken(): Promise<string | null> {
  if (!hasSession()) return null;
  const response = await fetch("/session", {
    headers: { Accept: "application/json" },
    credentials: "same-origin",
  });
  if (!response.ok) return null; // not signed in: the call itself answers 401
  return ((await response.json()) as { csrf_token?: string }).csrf_token ?? null;
}

async function hasNewCsrfToken(): Promise<boolean> {
  const before = csrfToken;
  csrfToken = await readCsrfToken();
  return csrfToken !== null && csrfToken !== before;
}

interface Request {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  form?: FormData;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** Call the API and read its JSON; an answer outside 2xx is thrown as an {@link ApiError}. */
export async function call<Answer>(path: string, request: Request = {}): Promise<Answer> {
  let response = await send(path, request);
  // Another tab may have signed out and in again: the token is then of a session that has ended.
  if (response.status === 403 && csrfToken && (await hasNewCsrfToken())) response = await send(path, request);
  if (!response.ok) throw await ApiError.read(response, path);
  if (response.status === 204) return undefined as Answer;
  return (await readJson(response)) as Answer;
}

/** Requests a file. The caller reads its bytes. */
export async function download(path: string, signal?: AbortSignal): Promise<Response> {
  const response = await send(path, { headers: { Accept: "*/*" }, signal });
  if (!response.ok) throw await ApiError.read(response, path);
  return response;
}

/** Reads JSON. An answer that is no JSON was cut off, or is from another server, such as a network's sign-in page. */
async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw ApiError.offline();
  }
}

export interface Versioned<Answer> {
  /** `null` when nothing has changed since the given tag. */
  answer: Answer | null;
  tag: string | null;
}

/** Like {@link call}, but returns only what is newer than `tag`. With `?wait=` the server waits for a change. */
export async function callSince<Answer>(
  path: string,
  tag: string | null,
  signal?: AbortSignal,
): Promise<Versioned<Answer>> {
  const response = await send(path, { headers: tag ? { "If-None-Match": tag } : {}, signal });
  if (response.status === 304) return { answer: null, tag };
  if (!response.ok) throw await ApiError.read(response, path);
  return { answer: (await readJson(response)) as Answer, tag: response.headers.get("ETag") };
}

async function send(path: string, request: Request): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...request.headers };
  const method = request.method ?? "GET";
  if (request.body !== undefined) headers["Content-Type"] = "application/json";
  const body = request.form ?? (request.body === undefined ? null : JSON.stringify(request.body));
  try {
    if (method !== "GET") csrfToken ??= await readCsrfToken();
    if (method !== "GET" && csrfToken) headers["X-CSRF-Token"] = csrfToken;
    return await fetch(path, {
      method,
      headers,
      body,
      credentials: "same-origin",
      signal: request.signal ?? null,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw ApiError.offline();
  }
}
