import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { useEffect } from "react";
import type { Notice } from "../api/types";
import { RequireSignIn } from "../auth/RequireSignIn";
import { EmptyState } from "../components/EmptyState";
import { QueryBoundary } from "../components/QueryBoundary";
import { formatAge, formatDateTime } from "../lib/format";
import { Link } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { useProblems } from "../problems/queries";
import { useMarkRead, useNotices } from "../layout/notices";
import { TestVerdict } from "../verdict/VerdictBadge";
import "./account.css";

/** The changes that others made to the account's submissions and events. */
export default function NoticesPage() {
  usePageTitle(t`Notices`);
  return (
    <RequireSignIn reason={t`Sign in to see your notices.`}>
      <div className="narrow">
        <h1>
          <Trans>Notices</Trans>
        </h1>
        <NoticeList />
      </div>
    </RequireSignIn>
  );
}

function NoticeList() {
  const notices = useNotices(true);
  const markRead = useMarkRead();
  const found = notices.data;
  const newest = Math.max(0, ...(found?.notices ?? []).map(({ id }) => id));
  const hasUnread = (found?.unread ?? 0) > 0;
  const { mutate } = markRead;
  useEffect(() => {
    if (hasUnread) mutate(newest);
  }, [hasUnread, newest, mutate]);
  return (
    <QueryBoundary query={notices} subject={t`your notices`}>
      {({ notices: rows }) =>
        rows.length === 0 ? (
          <EmptyState title={t`No one else has changed anything of yours`}>
            <p>
              <Trans>Rejudged results, comments to your submissions and more time in events appear here.</Trans>
            </p>
          </EmptyState>
        ) : (
          <ul className="notices">
            {rows.map((notice) => (
              <li key={notice.id} className={notice.read ? "" : "notice-new"}>
                <NoticeWords notice={notice} />
                <time className="muted small" dateTime={notice.at} title={formatDateTime(notice.at)}>
                  {formatAge(notice.at)}
                </time>
              </li>
            ))}
          </ul>
        )
      }
    </QueryBoundary>
  );
}

function NoticeWords({ notice }: { notice: Notice }) {
  const problems = useProblems().data;
  const name = problems?.find(({ slug }) => slug === notice.problem)?.name ?? notice.problem ?? "–";
  const link = <Link to={`/submissions/${notice.submission}`}>{name}</Link>;
  if (notice.kind === "extension")
    return (
      <p>
        <Link to={`/events/${notice.event}`}>{notice.title ?? notice.event}</Link>:{" "}
        <Plural value={notice.minutes ?? 0} one="you have # more minute" other="you have # more minutes" />
      </p>
    );
  if (notice.kind === "comment")
    return (
      <p>
        {link}:{" "}
        <Plural
          value={notice.count ?? 1}
          one="your submission has a new comment"
          other="your submission has # new comments"
        />
      </p>
    );
  return (
    <p>
      {link}: <Trans>your submission was judged again, with another result</Trans>
      {notice.after ? (
        <>
          {" "}
          ({notice.before ? <TestVerdict verdict={notice.before} /> : t`none`} → <TestVerdict verdict={notice.after} />)
        </>
      ) : null}
    </p>
  );
}
