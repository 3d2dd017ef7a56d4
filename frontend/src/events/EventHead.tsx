import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { NavLink } from "../lib/routing";
import { Countdown } from "./Countdown";
import { phaseName } from "./names";
import type { TimedEvent } from "./queries";

/** The title, the state and the clock of an event, and the links to its pages. */
export function EventHead({ event }: { event: TimedEvent }) {
  const base = `/events/${event.slug}`;
  return (
    <header className="event-head">
      <div>
        <h1>{event.title}</h1>
        <p className="muted">{phaseName(event.phase)}</p>
      </div>
      <Countdown event={event} />
      <nav aria-label={t`Pages of the event`} className="event-nav">
        <NavLink to={base} end>
          <Trans>Problems</Trans>
        </NavLink>
        {event.may_see_standings ? (
          <NavLink to={`${base}/scoreboard`}>
            <Trans>Scoreboard</Trans>
          </NavLink>
        ) : null}
        {event.has_report ? (
          <NavLink to={`${base}/report`}>
            <Trans>Report</Trans>
          </NavLink>
        ) : null}
        {event.role === "jury" ? (
          <>
            <NavLink to={`${base}/results`}>
              <Trans>Results</Trans>
            </NavLink>
            {event.rules.length_minutes ? (
              <NavLink to={`${base}/invitations`}>
                <Trans>Invitations</Trans>
              </NavLink>
            ) : null}
            <NavLink to={`${base}/similarity`}>
              <Trans>Similarity</Trans>
            </NavLink>
            {event.visibility === "jury" ? (
              <NavLink to={`${base}/shadow`}>
                <Trans>Shadow</Trans>
              </NavLink>
            ) : null}
            <NavLink to={`${base}/jury`}>
              <Trans>Jury</Trans>
            </NavLink>
          </>
        ) : null}
      </nav>
    </header>
  );
}
