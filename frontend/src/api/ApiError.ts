import { t } from "@lingui/core/macro";
import { errorText, type FieldError, fieldName, fieldText } from "./errorTexts";

const SESSION_ENDED = "/errors/session-ended";

/** An error response of the API, read from its `application/problem+json` (RFC 9457). Its texts are for people. */
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

  static async read(response: Response, path = ""): Promise<ApiError> {
    const body = await readBody(response);
    const fieldErrors = Array.isArray(body.errors) ? (body.errors as FieldError[]).filter(isFieldError) : [];
    const named = text(body.type) ?? `/errors/http-${response.status}`;
    // At sign-in, this error says what was wrong with the input. Anywhere else it means that the session has ended.
    const type = named === "/errors/unauthorized" && !path.startsWith("/session") ? SESSION_ENDED : named;
    const detail = text(body.detail) ?? text(body.title) ?? text(body.message);
    const wait = Number(response.headers.get("Retry-After"));
    return new ApiError(
      response.status,
      type,
      fieldErrors.length > 0 ? t`Something here needs a change.` : errorText({ status: response.status, type, detail }),
      fieldErrors,
      Number.isFinite(wait) && wait > 0 ? wait : null,
    );
  }

  /** The error in one text, with its wrong fields. */
  get summary(): string {
    const lines = this.fieldErrors.map((each) => `${fieldName(each.field)}: ${fieldText(each)}`);
    return lines.length > 0 ? [...new Set(lines)].join(" ") : this.message;
  }

  get isOffline(): boolean {
    return this.status === 0;
  }

  /** The session has ended, or the account may not be used any more. */
  get needsSignIn(): boolean {
    return this.type === SESSION_ENDED;
  }

  /** The fault of one field of a form, if the server named it. */
  fieldMessage(field: string): string | undefined {
    const found = this.fieldErrors.find((fieldError) => fieldError.field === field);
    return found && fieldText(found);
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
