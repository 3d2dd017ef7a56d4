import type { ReactNode } from "react";
import { Loading } from "./Loading";
import { ErrorAlert } from "./ErrorAlert";

/** The part of a query that is used here; plain and paged queries both have it. */
interface QueryState<Answer> {
  data: Answer | undefined;
  error: Error | null;
  refetch: () => unknown;
}

interface Props<Answer> {
  query: QueryState<Answer>;
  /** The name of what is loaded, as in "the problems". */
  subject: string;
  children: (answer: Answer) => ReactNode;
}

/**
 * Shows a query: loading, error with a retry button, or data. When a refetch fails, the older data stays on screen
 * with a warning, so that an editor or a table does not vanish with the connection.
 */
export function QueryBoundary<Answer>({ query, subject, children }: Props<Answer>) {
  const retry = () => void query.refetch();
  if (query.data === undefined)
    return query.error ? (
      <ErrorAlert error={query.error} subject={subject} retry={retry} />
    ) : (
      <Loading subject={subject} />
    );
  return (
    <>
      {query.error ? <ErrorAlert error={query.error} subject={subject} isStale retry={retry} /> : null}
      {children(query.data)}
    </>
  );
}
