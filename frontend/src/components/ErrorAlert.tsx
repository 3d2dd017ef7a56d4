import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ApiError } from "../api/ApiError";
import { fieldName, fieldText } from "../api/errorTexts";

interface Props {
  error: Error;
  /** The name of what could not be loaded, as in "the problems". */
  subject?: string;
  /** Older data is still shown. */
  isStale?: boolean;
  /** The fields of a form that show their own errors: they are not repeated here. */
  fields?: readonly string[];
  retry?: () => void;
  /** The name of a field of the request, as people know it. */
  nameOf?: (field: string) => string;
}

/** An error message from the server, with its field errors and a retry button. */
export function ErrorAlert({ error, subject, isStale = false, fields = [], retry, nameOf = fieldName }: Props) {
  const all = error instanceof ApiError ? error.fieldErrors : [];
  const fieldErrors = all.filter((each) => !fields.includes(each.field));
  if (all.length > 0 && fieldErrors.length === 0) return null;
  const lines = [...new Set(fieldErrors.map((each) => `${nameOf(each.field)}: ${fieldText(each)}`))];
  return (
    <div className={isStale ? "error-alert error-alert-stale" : "error-alert"} role="alert">
      <p>
        {subject ? (
          <strong>
            {isStale ? t`The shown state of ${subject} may be out of date.` : t`Could not load ${subject}.`}{" "}
          </strong>
        ) : null}
        {lines.length === 1 && !subject ? lines[0] : error.message}
      </p>
      {lines.length > 1 || (subject && lines.length > 0) ? (
        <ul>
          {lines.map((line) => (
            <li key={line}>{line}</li>
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
