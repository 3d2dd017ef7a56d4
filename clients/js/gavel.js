/**
 * A small client of Gavel, an online judge: it submits, runs and follows programs. It works in browsers and in Node 18
 * or later, and needs only `fetch`. A call is repeated after a broken connection or a 502, 503 or 504. A POST that
 * submits has an idempotency key, so nothing is submitted twice. Another POST, by `call`, is repeated only with such a
 * key.
 */

const TRIES = 5;
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5000;
const RETRIED = new Set([502, 503, 504]);
const SAFE = new Set(["GET", "HEAD", "DELETE"]);
const LONG_POLL_SECONDS = 25;
const MOST_ITEMS = 100;
const TOO_MANY = 429;
const FINAL = new Set(["SUCCESS", "FAILURE"]);

/** The server refused a request, or could not be reached. In the second case `status` is 0. */
export class GavelError extends Error {
  constructor(status, problem, retryAfter = null, cause = undefined) {
    super(problem.detail || problem.title || `the server answered ${status}`, { cause });
    this.name = "GavelError";
    this.status = status;
    this.type = problem.type ?? null;
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }
}

/** The submission has not ended within the time that was given. `submission` is its id. */
export class TimedOut extends Error {
  constructor(submission) {
    super(`submission ${submission} has not ended yet`);
    this.name = "TimedOut";
    this.submission = submission;
  }
}

/** One server and one account. */
export class Gavel {
  #url;
  #key;
  #patience;
  #fetch;

  /**
   * `patience` is how many seconds a call may wait for a limit of the account. Without `key` only public calls work,
   * or, in Gavel's own pages, those of the session.
   */
  constructor(url, { key = null, patience = 0, fetch = globalThis.fetch } = {}) {
    this.#url = String(url).replace(/\/+$/, "");
    this.#key = key;
    this.#patience = patience * 1000;
    this.#fetch = (...given) => fetch(...given);
  }

  /** Submit a program: `{problem, language, source}`, or `files` instead of `source`. */
  submit(submission, options = {}) {
    return this.#post("/submissions", { ...submission, ...programOf(submission) }, options);
  }

  /** Run a program on your own input: `{language, source, stdin, expected_output}`. */
  run(run, options = {}) {
    return this.#post("/runs", { ...run, ...programOf(run) }, options);
  }

  /** Submit many programs, in calls of up to a hundred; each result has `accepted` or `error`. */
  submitBatch(submissions, options = {}) {
    return this.#batch("submissions", submissions, options);
  }

  /** Run many programs; see `submitBatch`. */
  runBatch(runs, options = {}) {
    return this.#batch("runs", runs, options);
  }

  /** The status of a submission. */
  status(id, options = {}) {
    return this.call("GET", `/status/${encodeURIComponent(id)}`, options);
  }

  /** The statuses of many submissions, in their order; `null` for a submission that is not yours. */
  async statuses(ids, options = {}) {
    const found = [];
    for (const some of pieces(ids)) {
      const answer = await this.call("GET", "/statuses", { ...options, query: { ids: some.join(",") } });
      found.push(...answer.statuses);
    }
    return found;
  }

  /**
   * The changes of the status by long polls, the final status last. Changes that follow each other quickly may appear
   * as one. Throws `TimedOut` after `seconds`.
   */
  async *watch(id, { seconds = Infinity, signal } = {}) {
    yield* this.#follow(id, "change", seconds, signal);
  }

  /** The final status, usually by one long poll. Throws `TimedOut` after `seconds`. */
  async wait(id, { seconds = Infinity, signal } = {}) {
    for await (const status of this.#follow(id, "final", seconds, signal)) {
      if (isFinal(status)) return status;
    }
    throw new TimedOut(id);
  }

  /** The whole submission with its source, for its owner. */
  submission(id, options = {}) {
    return this.call("GET", `/submissions/${encodeURIComponent(id)}`, options);
  }

  /** One page of your submissions: `{problem, verdict, cursor, limit}`. */
  history(filter = {}, options = {}) {
    return this.call("GET", "/submissions", { ...options, query: filter });
  }

  cancel(id, options = {}) {
    return this.call("DELETE", `/submissions/${encodeURIComponent(id)}`, options);
  }

  problems(options = {}) {
    return this.call("GET", "/problems", options);
  }

  problem(slug, options = {}) {
    return this.call("GET", `/problems/${encodeURIComponent(slug)}`, options);
  }

  languages(options = {}) {
    return this.call("GET", "/languages", options);
  }

  me(options = {}) {
    return this.call("GET", "/me", options);
  }

  /** Any other call of the API; returns its JSON. */
  async call(method, path, { query = {}, body, headers = {}, signal } = {}) {
    const response = await this.#send(method, path, { query, body, headers, signal });
    return response.status === 204 ? null : response.json();
  }

  #post(path, body, { idempotencyKey = newKey(), signal } = {}) {
    return this.call("POST", path, { body, headers: { "Idempotency-Key": idempotencyKey }, signal });
  }

  async #batch(name, items, { idempotencyKey = newKey(), signal } = {}) {
    const results = [];
    for (const [number, some] of pieces(items).entries()) {
      const key = number ? `${idempotencyKey}-${number}` : idempotencyKey;
      const body = { [name]: some.map((item) => ({ ...item, ...programOf(item) })) };
      const answer = await this.#post(`/${name}/batch`, body, { idempotencyKey: key, signal });
      results.push(...answer.results);
    }
    return results;
  }

  async *#follow(id, until, seconds, signal) {
    const path = `/status/${encodeURIComponent(id)}`;
    const ends = Date.now() + seconds * 1000;
    let tag = null;
    for (;;) {
      const left = (ends - Date.now()) / 1000;
      const query = { wait: Math.max(0, Math.min(LONG_POLL_SECONDS, left)).toFixed(3), until };
      const response = await this.#send("GET", path, {
        query,
        headers: tag ? { "If-None-Match": tag } : {},
        signal,
      });
      if (response.status !== 304) {
        tag = response.headers.get("ETag");
        const status = await response.json();
        yield status;
        if (isFinal(status)) return;
      }
      if (left <= 0) throw new TimedOut(id);
    }
  }

  /** A response below 400, or 304. Waits for limits within the patience, and repeats what may be repeated. */
  async #send(method, path, request) {
    const ends = Date.now() + this.#patience;
    for (;;) {
      const response = await this.#sendWithRetries(method, path, request);
      if (response.status !== TOO_MANY) return this.#checked(response);
      const wait = retryAfter(response) ?? 1;
      if (Date.now() + wait * 1000 > ends) return this.#checked(response);
      await response.body?.cancel();
      await pause(wait * 1000, request.signal);
    }
  }

  async #sendWithRetries(method, path, request) {
    const mayRepeat = SAFE.has(method) || "Idempotency-Key" in request.headers;
    for (let attempt = 0; ; attempt += 1) {
      const isLast = !mayRepeat || attempt === TRIES - 1;
      let response = null;
      try {
        response = await this.#sendOnce(method, path, request);
      } catch (error) {
        request.signal?.throwIfAborted();
        if (isLast) throw new GavelError(0, { detail: `no answer from ${this.#url}` }, null, error);
      }
      if (response && (isLast || !RETRIED.has(response.status))) return response;
      const wait = response ? retryAfter(response) : null;
      await response?.body?.cancel();
      await pause(wait === null ? backoff(attempt) : Math.min(wait * 1000, LONGEST_PAUSE), request.signal);
    }
  }

  #sendOnce(method, path, { query, body, headers, signal }) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return this.#fetch(`${this.#url}${path}${search ? `?${search}` : ""}`, {
      method,
      headers: {
        Accept: "application/json",
        ...(this.#key ? { Authorization: `Bearer ${this.#key}` } : {}),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ?? null,
    });
  }

  async #checked(response) {
    if (response.ok || response.status === 304) return response;
    let problem = {};
    try {
      problem = await response.json();
    } catch {
      // no JSON, as from a proxy: the status says enough
    }
    throw new GavelError(response.status, problem, retryAfter(response));
  }
}

/** Whether judging has ended, with a verdict or without. */
export function isFinal(status) {
  return FINAL.has(status.state);
}

/** The `files` of the API from an object of texts and bytes by name. */
function programOf({ files }) {
  if (!files || Array.isArray(files)) return {};
  return { files: Object.entries(files).map(([name, content]) => ({ name, ...contentOf(content) })) };
}

function contentOf(content) {
  if (typeof content === "string") return { content };
  const pieces = [];
  for (let start = 0; start < content.length; start += 0x8000) {
    pieces.push(String.fromCharCode(...content.subarray(start, start + 0x8000)));
  }
  return { content_base64: btoa(pieces.join("")) };
}

function pieces(items) {
  const all = [...items];
  const found = [];
  for (let start = 0; start < all.length; start += MOST_ITEMS) found.push(all.slice(start, start + MOST_ITEMS));
  return found;
}

/** `crypto.randomUUID` is missing on pages without TLS. */
function newKey() {
  if (globalThis.crypto.randomUUID) return globalThis.crypto.randomUUID();
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function retryAfter(response) {
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

/** Doubling pauses with jitter, so that many clients do not return together. */
function backoff(attempt) {
  return (0.5 + Math.random() / 2) * Math.min(FIRST_PAUSE * 2 ** attempt, LONGEST_PAUSE);
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
