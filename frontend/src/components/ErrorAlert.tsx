import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ApiError } from "../api/ApiError";

interface Props {
  error: Error;
  /** What could not be loaded, as in "the problems". */
  subject?: string;
  /** Older data is still shown. */
  isStale?: boolean;
  retry?: () => void;
  /** What people call a field of the request. */
  nameOf?: (field: string) => string;
}

/** An error message from the server, with its field errors and a retry button. */
export function ErrorAlert({ error, subject, isStale = false, retry, nameOf = (field) => field }: Props) {
  const fieldErrors = error instanceof ApiError ? error.fieldErrors : [];
  return (
    <div className={isStale ? "error-alert error-alert-stale" : "error-alert"} role="alert">
      <p>
        {subject ? (
          <strong>
            {isStale ? t`The shown state of ${subject} may be out of date.` : t`Could not load ${subject}.`}{" "}
          </strong>
        ) : null}
        {error.message}
      </p>
      {fieldErrors.length > 0 ? (
        <ul>
          {fieldErrors.map((fieldError) => (
            <li key={`${fieldError.field} ${fieldError.message}`}>
              <code>{nameOf(fieldError.field)}</code>: {fieldError.message}
            </li>
          ))}
        </ul>
      ) : null}
      {retry ? (
        <button type="button" className="button" onClick={retry}>
          <Trans>Try again</Trans>
        </button>
      ) : null}
    </div>
  );
}
