interface FieldFault {
  field: string;
  message: string;
}

/** What went wrong, in the words of the server's `application/problem+json` (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    readonly faults: FieldFault[] = [],
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }

  /** The server could not be reached at all: not the person's fault, and nothing to correct. */
  static offline(): Problem {
    return new Problem(
      0,
      "/errors/offline",
      "The server cannot be reached. Check the connection and try again.",
    );
  }

  static async read(response: Response): Promise<Problem> {
    const body = await readBody(response);
    const faults = Array.isArray(body.errors) ? (body.errors as FieldFault[]).filter(isFault) : [];
    const detail = text(body.detail) ?? text(body.title) ?? text(body.message);
    const wait = Number(response.headers.get("Retry-After"));
    return new Problem(
      response.status,
      text(body.type) ?? `/errors/http-${response.status}`,
      detail ?? `The server answered ${response.status}.`,
      faults,
      Number.isFinite(wait) && wait > 0 ? wait : null,
    );
  }

  get isOffline(): boolean {
    return this.status === 0;
  }

  /** The server's words about one field of a form, if it has any. */
  about(field: string): string | undefined {
    return this.faults.find((fault) => fault.field === field)?.message;
  }
}

async function readBody(response: Response): Promise<Record<string, unknown>> {
  try {
    return (await response.json()) as Record<string, unknown>;
  } catch {
    return {}; // a proxy's HTML page: the status alone has to do
  }
}

function isFault(fault: unknown): fault is FieldFault {
  return typeof fault === "object" && fault !== null && "field" in fault && "message" in fault;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
