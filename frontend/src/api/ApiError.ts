import { t } from "@lingui/core/macro";
interface FieldError {
  field: string;
  message: string;
}

/** An error response of the API, read from its `application/problem+json` (RFC 9457). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    message: string,
    readonly fieldErrors: FieldError[] = [],
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }

  /** The server could not be reached at all: the input is not at fault. */
  static offline(): ApiError {
    return new ApiError(0, "/errors/offline", t`The server cannot be reached. Check the connection and try again.`);
  }

  static async read(response: Response): Promise<ApiError> {
    const body = await readBody(response);
    const fieldErrors = Array.isArray(body.errors) ? (body.errors as FieldError[]).filter(isFieldError) : [];
    const detail = text(body.detail) ?? text(body.title) ?? text(body.message);
    const wait = Number(response.headers.get("Retry-After"));
    return new ApiError(
      response.status,
      text(body.type) ?? `/errors/http-${response.status}`,
      detail ?? t`The server answered ${response.status}.`,
      fieldErrors,
      Number.isFinite(wait) && wait > 0 ? wait : null,
    );
  }

  get isOffline(): boolean {
    return this.status === 0;
  }

  /** The server's message about one field of a form, if there is one. */
  fieldMessage(field: string): string | undefined {
    return this.fieldErrors.find((fieldError) => fieldError.field === field)?.message;
  }
}

async function readBody(response: Response): Promise<Record<string, unknown>> {
  try {
    return (await response.json()) as Record<string, unknown>;
  } catch {
    return {}; // not JSON, for example a proxy's HTML page: only the status is known
  }
}

function isFieldError(fieldError: unknown): fieldError is FieldError {
  return typeof fieldError === "object" && fieldError !== null && "field" in fieldError && "message" in fieldError;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
