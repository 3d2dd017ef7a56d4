import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "../lib/routing";
import { formatAge, formatMilliseconds } from "../lib/format";
import { ErrorAlert } from "../components/ErrorAlert";
import { Icon } from "../components/Icon";
import { DataTable } from "../components/DataTable";
import { TestVerdict } from "../verdict/VerdictBadge";
import { isUnderWay, useVerify } from "./queries";
import type { AuthoredProblem, Verification, VerificationLine } from "./types";

/** Judges the submissions of the newest version, and shows how each was judged, or why it cannot be judged here. */
export function VerificationPanel({ problem }: { problem: AuthoredProblem }) {
  const verify = useVerify(problem.slug);
  const { verification, newest } = problem;
  return (
    <section aria-labelledby="verification-title">
      <div className="section-head">
        <h2 id="verification-title">
          <Trans>Verification of version {newest.slice(0, 8)}</Trans>
        </h2>
        <button
          type="button"
          className="button small"
          disabled={verify.isPending || isUnderWay(verification)}
          onClick={() => verify.mutate(newest)}
        >
          {verification ? <Trans>Verify again</Trans> : <Trans>Verify</Trans>}
        </button>
      </div>
      {verify.error ? <ErrorAlert error={verify.error} /> : null}
      {verification ? (
        <Result verification={verification} />
      ) : (
        <p className="muted">
          <Trans>
            It was not verified yet. Each submission of the package is judged, and its verdict is compared with the
            expected one.
          </Trans>
        </p>
      )}
    </section>
  );
}

function Result({ verification }: { verification: Verification }) {
  const lines = verification.submissions;
  const done = lines.filter(({ outcome }) => !["waiting", "running"].includes(outcome ?? "")).length;
  const bad = lines.filter(({ outcome }) => outcome === "not_as_promised").length;
  const skipped = lines.filter(({ outcome }) => outcome === "skipped").length;
  const total = lines.length;
  return (
    <>
      <p role="status" className="verification-sum">
        {verification.passed === null ? (
          t`${done - skipped} of ${total} judged, ${bad} not as expected`
        ) : (
          <span className={`verdict tone-${verification.passed ? "good" : "bad"}`}>
            <Icon name={verification.passed ? "check" : "cross"} />
            {verification.passed ? t`All as expected` : t`Not as expected`}
          </span>
        )}{" "}
        {skipped > 0 ? (
          <span className="muted">
            <Trans>{skipped} not judged here</Trans> ·{" "}
          </span>
        ) : null}
        <span className="muted">{formatAge(verification.begun_at)}</span>
      </p>
      {verification.passed === null ? (
        <progress aria-label={t`Verified`} max={Math.max(1, total)} value={done} />
      ) : null}
      {verification.faults.length > 0 ? (
        <ul className="tone-bad">
          {verification.faults.map((fault) => (
            <li key={fault}>{fault}</li>
          ))}
        </ul>
      ) : null}
      <details open={verification.passed !== true}>
        <summary>
          <Trans>Submissions of the package: {total}</Trans>
        </summary>
        <Lines lines={lines} />
      </details>
    </>
  );
}

function Lines({ lines }: { lines: VerificationLine[] }) {
  return (
    <DataTable
      label={t`Submissions of the package`}
      rows={lines}
      rowKey={(line) => line.name}
      columns={[
        {
          title: t`Submission`,
          cell: (line) => (line.id ? <Link to={`/submissions/${line.id}`}>{line.name}</Link> : line.name),
          namesRow: true,
        },
        {
          title: t`Expected`,
          cell: ({ expected }) => (expected.length > 5 ? t`anything` : expected.join(t` or `)),
        },
        { title: t`Got`, cell: ({ verdict }) => (verdict ? <TestVerdict verdict={verdict} /> : "–") },
        { title: t`Result`, cell: (line) => <Outcome line={line} /> },
        { title: t`Runtime`, cell: (line) => formatMilliseconds(line.cpu_ms), className: "number" },
      ]}
    />
  );
}

const OUTCOMES: Record<string, MessageDescriptor> = {
  waiting: msg`waits`,
  running: msg`in the queue`,
  skipped: msg`not judged here`,
  as_promised: msg`as expected`,
  not_as_promised: msg`not as expected`,
};

function Outcome({ line }: { line: VerificationLine }) {
  const outcome = OUTCOMES[line.outcome ?? ""];
  return (
    <>
      <span className={line.outcome === "not_as_promised" ? "tone-bad" : ""}>{outcome ? i18n._(outcome) : ""}</span>
      {line.note ? <div className="muted small">{line.note}</div> : null}
    </>
  );
}
