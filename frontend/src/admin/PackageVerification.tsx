import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type Dispatch, type SetStateAction, useEffect, useRef, useState } from "react";
import { Link } from "../lib/routing";
import { formatMilliseconds } from "../lib/format";
import { Icon } from "../components/Icon";
import { Loading } from "../components/Loading";
import { DataTable } from "../components/DataTable";
import { ErrorAlert } from "../components/ErrorAlert";
import { LanguageName } from "../problems/LanguageName";
import { isFinal } from "../status-updates/statusOrder";
import { useLiveStatus } from "../status-updates/useLiveStatus";
import { VerdictBadge } from "../verdict/VerdictBadge";
import type { Status } from "../api/types";
import { compareVerdict, type Outcome, summarize } from "./verification";
import { useVerify } from "./queries";
import type { Verification, VerificationRun } from "./types";

/** Judges the submissions of a package, and shows whether each gets its expected verdict or cannot be judged here. */
export function PackageVerification({ slug, close }: { slug: string; close: () => void }) {
  const { mutate, error, data } = useVerify();
  const started = useRef(false);
  useEffect(() => {
    if (started.current) return;
    started.current = true;
    mutate(slug);
  }, [mutate, slug]);
  return (
    <section className="verification" aria-labelledby="verification-title">
      <div className="page-head">
        <h2 id="verification-title">
          <Trans>Verifying {slug}</Trans>
        </h2>
        <button type="button" className="button small" onClick={close}>
          <Trans>Close</Trans>
        </button>
      </div>
      {error ? <ErrorAlert error={error} /> : null}
      {data ? (
        <VerificationTable verification={data} />
      ) : error ? null : (
        <Loading subject={t`the package's submissions`} />
      )}
    </section>
  );
}

function VerificationTable({ verification }: { verification: Verification }) {
  const [outcomes, setOutcomes] = useState<Record<string, Outcome>>({});
  const { total, done, bad, skipped } = summarize(verification.submissions, outcomes);
  const isDone = done === total;
  return (
    <>
      <p role="status" className="verification-sum">
        {isDone ? (
          <span className={`verdict tone-${bad > 0 ? "bad" : "good"}`}>
            <Icon name={bad > 0 ? "cross" : "check"} />
            {bad > 0 ? t`${bad} of ${total} are not as expected` : t`${total - skipped} of ${total} as expected`}
          </span>
        ) : bad > 0 ? (
          t`${done - skipped} of ${total} judged, ${bad} not as expected`
        ) : (
          t`${done - skipped} of ${total} judged`
        )}
        {skipped > 0 ? (
          <span className="muted">
            {" "}
            <Trans>{skipped} not judged here</Trans>
          </span>
        ) : null}
      </p>
      <progress aria-label={t`Verified`} max={Math.max(1, total)} value={done} />
      <DataTable
        label={t`Submissions of the package`}
        rows={verification.submissions.map((run) => ({ run, setOutcomes }))}
        rowKey={({ run }) => run.name}
        useRow={useFollowedRun}
        columns={[
          {
            title: t`Submission`,
            cell: ({ run }) => (run.id ? <Link to={`/submissions/${run.id}`}>{run.name}</Link> : run.name),
            namesRow: true,
          },
          { title: t`Language`, cell: ({ run }) => <LanguageName id={run.language} /> },
          {
            title: t`Expected`,
            cell: ({ run }) => (run.expected.length > 5 ? t`anything` : run.expected.join(t` or `)),
          },
          { title: t`Got`, cell: (followed) => <ActualVerdict {...followed} /> },
          { title: t`Runtime`, cell: ({ status }) => formatMilliseconds(status?.cpu_ms), className: "number" },
        ]}
      />
    </>
  );
}

interface FollowedRun {
  run: VerificationRun;
  status: Status | null;
  outcome: Outcome | null;
}

interface UnfollowedRun {
  run: VerificationRun;
  setOutcomes: Dispatch<SetStateAction<Record<string, Outcome>>>;
}

function useFollowedRun({ run, setOutcomes }: UnfollowedRun): FollowedRun {
  const { status } = useLiveStatus(run.id);
  const outcome = status && isFinal(status) ? compareVerdict(run, status) : null;
  useEffect(() => {
    if (outcome) setOutcomes((known) => ({ ...known, [run.name]: outcome }));
  }, [outcome, run.name, setOutcomes]);
  return { run, status, outcome };
}

function ActualVerdict({ run, status, outcome }: FollowedRun) {
  if (!run.id)
    return (
      <span className="muted">
        <Trans>not judged here: {run.note}</Trans>
      </span>
    );
  if (!status)
    return (
      <span className="muted">
        <Trans>In the queue</Trans>
      </span>
    );
  return (
    <>
      <VerdictBadge status={status} />
      {outcome === "bad" ? (
        <strong className="tone-bad">
          {" "}
          <Trans>not as expected</Trans>
        </strong>
      ) : null}
    </>
  );
}
