import { t } from "@lingui/core/macro";
import type { ReactNode } from "react";
import { ApiError } from "../api/ApiError";
import { RequireSignIn } from "../auth/RequireSignIn";
import { QueryBoundary } from "../components/QueryBoundary";
import { NotFound } from "../layout/NotFound";
import { useParams } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { EventHead } from "./EventHead";
import { type TimedEvent, useEvent } from "./queries";

interface Props {
  /** The page's title. */
  titled: (event: TimedEvent) => string;
  children: (event: TimedEvent) => ReactNode;
}

/** A page of an event for its jury. The server refuses the data to others. This component only explains the refusal. */
export function JuryOnly(props: Props) {
  return (
    <RequireSignIn reason={t`Sign in as the jury of this event.`}>
      <OfEvent {...props} />
    </RequireSignIn>
  );
}

function OfEvent({ titled, children }: Props) {
  const { slug = "" } = useParams();
  const event = useEvent(slug);
  usePageTitle(event.data ? titled(event.data) : slug);
  const isGone = event.error instanceof ApiError && event.error.status === 404;
  if (isGone || (event.data && event.data.role !== "jury")) return <NotFound subject={t`event`} />;
  return (
    <div className="wide">
      <QueryBoundary query={event} subject={t`the event`}>
        {(found) => (
          <>
            <EventHead event={found} />
            {children(found)}
          </>
        )}
      </QueryBoundary>
    </div>
  );
}
