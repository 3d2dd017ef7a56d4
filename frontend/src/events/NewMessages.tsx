import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatDateTime } from "../lib/format";
import { Link } from "../lib/routing";
import { type TimedEvent, useMessages } from "./queries";
import { useLiveStandings } from "./useLiveStandings";
import { useReadMessages } from "./useReadMessages";

/** A member's unread announcements and answers. They come by the event's stream, else by polling. */
export function NewMessages({ event }: { event: TimedEvent }) {
  const found = useMessages(event.slug, true);
  const { read, isRead } = useReadMessages(event.slug);
  const unread = (found.data ?? []).filter((each) => each.answer !== null && !isRead(each));
  return (
    <div role="status" className="new-messages">
      {event.may_see_standings ? <LiveMessages slug={event.slug} /> : null}
      {unread.map((each) => (
        <div key={each.id} className="message">
          <p className="muted">
            {each.question === null ? <Trans>Announcement</Trans> : <Trans>Answer to your question</Trans>}
            {each.problem ? ` · ${each.problem}` : ""} · {formatDateTime(each.asked_at)}
          </p>
          {each.question ? <p className="question">{each.question}</p> : null}
          <p>
            <strong>{each.answer}</strong>
          </p>
          <p className="event-acts">
            <button type="button" className="button small" onClick={() => read([each])}>
              <Trans>Mark as read</Trans>
            </button>
            <Link to={`/events/${event.slug}`}>{t`All messages`}</Link>
          </p>
        </div>
      ))}
    </div>
  );
}

/** Fetches the messages again when the event's stream reports a change. */
export function LiveMessages({ slug }: { slug: string }) {
  useLiveStandings(slug, true);
  return null;
}
