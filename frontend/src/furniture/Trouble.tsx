import { Problem } from "../wire/problem";

interface Props {
  error: Error;
  /** What could not be had, as in "the problems". */
  what?: string;
  /** Something older is shown in its place. */
  isStale?: boolean;
  again?: () => void;
}

/** An error in the server's own words, with the way on where there is one. */
export function Trouble({ error, what, isStale = false, again }: Props) {
  const faults = error instanceof Problem ? error.faults : [];
  return (
    <div className={isStale ? "trouble trouble-stale" : "trouble"} role="alert">
      <p>
        {what ? (
          <strong>{isStale ? `What is shown of ${what} may be old. ` : `Could not load ${what}. `}</strong>
        ) : null}
        {error.message}
      </p>
      {faults.length > 0 ? (
        <ul>
          {faults.map((fault) => (
            <li key={`${fault.field} ${fault.message}`}>
              <code>{fault.field}</code>: {fault.message}
            </li>
          ))}
        </ul>
      ) : null}
      {again ? (
        <button type="button" className="button" onClick={again}>
          Try again
        </button>
      ) : null}
    </div>
  );
}
