import { verdictLabel } from "../verdict/labels";
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "../lib/routing";
import { DataTable } from "../components/DataTable";
import { TestVerdict } from "../verdict/VerdictBadge";
import type { Verdict } from "../api/types";
import { type ComparedVerdict, hasChanged, MAX_TRACKED, useRejudgeComparison } from "./rejudgeComparison";

const MAX_ROWS = 50;

/** Rejudged submissions with old and new verdict; changed verdicts first. */
export function RejudgeTable() {
  const compared = useRejudgeComparison();
  if (compared.length === 0) return null;
  const changed = compared.filter(hasChanged);
  const waiting = compared.filter((one) => !one.now);
  const same = compared.length - changed.length - waiting.length;
  return (
    <section aria-labelledby="rejudged-title">
      <h2 id="rejudged-title">
        <Trans>Rejudged</Trans>
      </h2>
      <p role="status">
        <Trans>
          {changed.length} changed, {same} as before, {waiting.length} under way.
        </Trans>{" "}
        {compared.length === MAX_TRACKED ? <Trans>Only the last {MAX_TRACKED} submissions are compared.</Trans> : null}
      </p>
      <progress
        aria-label={t`Rejudged`}
        max={compared.length}
        value={compared.length - waiting.length}
        hidden={waiting.length === 0}
      />
      <DataTable
        label={t`Rejudged submissions`}
        rows={[...changed, ...waiting, ...compared.filter((one) => one.now && !hasChanged(one))].slice(0, MAX_ROWS)}
        rowKey={(one) => one.id}
        columns={[
          {
            title: t`Submission`,
            cell: (one) => <Link to={`/submissions/${one.id}`}>{one.id.slice(-8)}</Link>,
            namesRow: true,
          },
          { title: t`Account`, cell: (one) => one.account ?? "–" },
          { title: t`Before`, cell: (one) => <PastVerdict verdict={one.before} /> },
          { title: t`Now`, cell: (one) => <PresentVerdict verdict={one.now} /> },
        ]}
      />
      {compared.length > MAX_ROWS ? (
        <p className="muted">
          <Trans>The first {MAX_ROWS} are shown.</Trans>
        </p>
      ) : null}
    </section>
  );
}

function PresentVerdict({ verdict }: { verdict: ComparedVerdict["now"] }) {
  if (verdict) return <PastVerdict verdict={verdict} />;
  return (
    <span className="muted">
      <Trans>being judged again</Trans>
    </span>
  );
}

function PastVerdict({ verdict }: { verdict: Verdict | "FAILED" | null }) {
  return verdict === null || verdict === "FAILED" ? verdictLabel("FAILED").text : <TestVerdict verdict={verdict} />;
}
