import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { namesByLabel } from "../api/errorTexts";
import { ConfirmButton } from "../components/ConfirmButton";
import { DataTable } from "../components/DataTable";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { QueryBoundary } from "../components/QueryBoundary";
import { Select } from "../components/Select";
import { formatDateTime } from "../lib/format";
import { Link } from "../lib/routing";
import { JuryOnly } from "./JuryOnly";
import { useCurrentAccount } from "../auth/queries";
import { LanguageName } from "../problems/LanguageName";
import { useFollow, useReview, useShadow, useStopFollowing } from "./queries";
import type { ComparedSubmission, FollowedContest, ShadowOverview } from "./types";
import "./events.css";

/** A contest of another system that is judged here too, for the jury. */
export default function ShadowPage() {
  return <JuryOnly titled={(event) => t`Shadow of ${event.title}`}>{(event) => <Shadow slug={event.slug} />}</JuryOnly>;
}

function Shadow({ slug }: { slug: string }) {
  const found = useShadow(slug);
  const isAdmin = useCurrentAccount().data?.role === "admin";
  return (
    <>
      <p className="jury-note">
        <Trans>
          An event in shadow mode follows another system's contest. Its submissions are judged here too, and only the
          jury sees them.
        </Trans>
      </p>
      <QueryBoundary query={found} subject={t`the comparison`}>
        {(overview) => (
          <>
            {overview.contest ? <Contest contest={overview.contest} /> : <NotFollowing isAdmin={isAdmin} />}
            {isAdmin ? <FollowForm slug={slug} contest={overview.contest} /> : null}
            {overview.contest ? <Comparison slug={slug} overview={overview} /> : null}
          </>
        )}
      </QueryBoundary>
    </>
  );
}

function NotFollowing({ isAdmin }: { isAdmin: boolean }) {
  if (isAdmin) return null;
  return (
    <p className="muted">
      <Trans>This event follows no contest. An administrator can set one.</Trans>
    </p>
  );
}

function Contest({ contest }: { contest: FollowedContest }) {
  return (
    <>
      <p role="status">
        {contest.state === "following" ? t`Follows ${contest.url}.` : t`Followed ${contest.url}; stopped.`}{" "}
        {contest.heard_at ? t`Last received: ${formatDateTime(contest.heard_at)}.` : t`Nothing was received yet.`}
      </p>
      {contest.error ? (
        <p role="alert" className="error-alert" lang="en">
          {contest.error}
        </p>
      ) : null}
    </>
  );
}

/** The labels of the fields, for errors. */
const labels = () => ({ url: t`Address of the contest`, user: t`User there`, secret: t`Password there` });

function FollowForm({ slug, contest }: { slug: string; contest: FollowedContest | null }) {
  const follow = useFollow(slug);
  const stop = useStopFollowing(slug);
  const [url, setUrl] = useState(contest?.url ?? "");
  const [user, setUser] = useState(contest?.user ?? "");
  const [secret, setSecret] = useState("");
  const submit = (form: FormEvent) => {
    form.preventDefault();
    const body = { url, user: user || null, secret: secret || null, languages: contest?.languages ?? {} };
    follow.mutate(body, { onSuccess: () => setSecret((now) => (now === secret ? "" : now)) });
  };
  const error = follow.error ?? stop.error;
  return (
    <details className="event-form" open={contest === null}>
      <summary>
        <Trans>Contest to follow</Trans>
      </summary>
      <form onSubmit={submit} className="event-fields">
        <Field
          label={t`Address of the contest`}
          hint={t`https://host/api/contests/ID`}
          required
          value={url}
          onChange={(e) => setUrl(e.target.value)}
        />
        <Field label={t`User there`} autoComplete="off" value={user} onChange={(e) => setUser(e.target.value)} />
        <Field
          label={t`Password there`}
          hint={contest?.has_secret ? t`is stored; leave it empty to keep it` : t`without a user: a bearer token`}
          type="password"
          autoComplete="new-password"
          value={secret}
          onChange={(e) => setSecret(e.target.value)}
        />
        {error ? <ErrorAlert error={error} nameOf={namesByLabel(labels())} /> : null}
        <p className="event-acts">
          <button type="submit" className="button primary" disabled={follow.isPending}>
            <Trans>Follow</Trans>
          </button>
          {contest?.state === "following" ? (
            <ConfirmButton
              label={t`Stop following`}
              className="button"
              question={t`Stop following this contest?`}
              consequence={t`The comparison stays. The stored password is deleted.`}
              disabled={stop.isPending}
              onConfirm={() => stop.mutate(undefined)}
            />
          ) : null}
        </p>
      </form>
    </details>
  );
}

function Comparison({ slug, overview }: { slug: string; overview: ShadowOverview }) {
  const [shown, setShown] = useState("differ");
  const rows = overview.submissions.filter((each) => !shown || each.agreement === shown);
  const names = ["differ", "pending", "unusable", "agree", "deleted"] as const;
  return (
    <>
      <div className="scoreboard-bar">
        <Select
          label={t`Show`}
          value={shown}
          choose={setShown}
          options={names.map((name) => [name, `${agreementName(name)} (${overview.counts[name]})`] as const)}
        />
        <a className="button small" href={`/events/${slug}/shadow.csv`} download>
          <Trans>CSV</Trans>
        </a>
      </div>
      {rows.length === 0 ? (
        <p className="muted">
          <Trans>None.</Trans>
        </p>
      ) : (
        <DataTable
          label={t`Compared submissions`}
          rows={rows}
          rowKey={(each) => each.id}
          columns={[
            { title: <Trans>Submission</Trans>, namesRow: true, cell: (each) => <SubmissionLink each={each} /> },
            { title: <Trans>Team</Trans>, cell: (each) => each.member ?? "–" },
            { title: <Trans>Problem</Trans>, cell: (each) => each.problem ?? "–" },
            {
              title: <Trans>Language</Trans>,
              cell: (each) => <LanguageName id={each.language} />,
              className: "wide-only",
            },
            { title: <Trans>Verdict there</Trans>, cell: (each) => each.their_type ?? "–" },
            { title: <Trans>Verdict here</Trans>, cell: (each) => each.ours ?? "–" },
            { title: <Trans>State</Trans>, cell: (each) => stateOf(each) },
            {
              title: <Trans>Looked at</Trans>,
              cell: (each) => <Review slug={slug} each={each} />,
              cellClass: "actions",
            },
          ]}
        />
      )}
    </>
  );
}

function SubmissionLink({ each }: { each: ComparedSubmission }) {
  return each.submission ? <Link to={`/submissions/${each.submission}`}>{each.id}</Link> : each.id;
}

function Review({ slug, each }: { slug: string; each: ComparedSubmission }) {
  const review = useReview(slug);
  const [note, setNote] = useState(each.note ?? "");
  return (
    <form
      className="event-acts"
      onSubmit={(form) => {
        form.preventDefault();
        review.mutate({ id: each.id, looked_at: each.looked_at === null, note: note || null });
      }}
    >
      <input
        className="input small"
        aria-label={t`Note on ${each.id}`}
        maxLength={1000}
        value={note}
        onChange={(e) => setNote(e.target.value)}
      />
      <button type="submit" className="button small" disabled={review.isPending}>
        {each.looked_at === null ? t`Mark as looked at` : t`Looked at by ${each.looked_by ?? "–"}; take back`}
      </button>
      {review.error ? <ErrorAlert error={review.error} /> : null}
    </form>
  );
}

function stateOf(each: ComparedSubmission): string {
  return each.fault ? `${agreementName(each.agreement)}: ${each.fault}` : agreementName(each.agreement);
}

function agreementName(agreement: ComparedSubmission["agreement"]): string {
  if (agreement === "differ") return t`different`;
  if (agreement === "pending") return t`not judged by both yet`;
  if (agreement === "unusable") return t`cannot be judged here`;
  return agreement === "agree" ? t`the same` : t`deleted there`;
}
