import type { ReactNode } from "react";
import { Loading } from "./Loading";
import { Trouble } from "./Trouble";

/** Of a query only what is shown here, so that both plain and paged ones fit. */
interface Asked<Answer> {
  data: Answer | undefined;
  error: Error | null;
  refetch: () => unknown;
}

interface Props<Answer> {
  asked: Asked<Answer>;
  /** What is asked for, as in "the problems". */
  what: string;
  children: (answer: Answer) => ReactNode;
}

/**
 * The one way a view waits, fails and shows. What was shown stays when asking again fails: it is only said that it
 * is not fresh, since an editor or a table that vanishes with the line helps nobody.
 */
export function Answered<Answer>({ asked, what, children }: Props<Answer>) {
  const again = () => void asked.refetch();
  if (asked.data === undefined)
    return asked.error ? <Trouble error={asked.error} what={what} again={again} /> : <Loading what={what} />;
  return (
    <>
      {asked.error ? <Trouble error={asked.error} what={what} isStale again={again} /> : null}
      {children(asked.data)}
    </>
  );
}
