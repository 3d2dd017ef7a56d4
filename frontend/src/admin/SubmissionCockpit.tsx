import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Status } from "../api/types";
import { CopyButton } from "../components/CopyButton";
import { QueryBoundary } from "../components/QueryBoundary";
import { formatDateTime, formatDuration } from "../lib/format";
import { isFinal } from "../status-updates/statusOrder";
import { AttemptTable } from "../submissions/AttemptTable";
import { statusLabel } from "../verdict/labels";
import { LogLines } from "./Logs";
import { type SubmissionAction, useSubmissionAction, useWhy } from "./queries";
import { SubmissionActs } from "./SubmissionActs";
import { ToastBar } from "./ToastBar";
import type { Why } from "./types";
import "./admin.css";

/**
 * One submission for operators: its account, its place in the queue, why it waits, its attempts and logs, and the
 * actions on it.
 */
export default function SubmissionCockpit({ status }: { status: Status }) {
  const why = useWhy(status.id, isFinal(status));
  const action = useSubmissionAction();
  const queries = useQueryClient();
  const run = (chosen: SubmissionAction) =>
    action.mutate(
      { id: status.id, action: chosen, before: statusLabel(status).text },
      { onSettled: () => queries.invalidateQueries({ queryKey: ["submissions"] }) },
    );
  return (
    <section className="cockpit" aria-labelledby="cockpit-title">
      <div className="section-head">
        <h2 id="cockpit-title">
          <Trans>For operators</Trans>
        </h2>
        <div className="actions">
          <SubmissionActs of={{ id: status.id, stage: status.stage }} run={run} />
        </div>
      </div>
      <ToastBar />
      <QueryBoundary query={why} subject={t`the state of the submission`}>
        {(found) => <Details found={found} />}
      </QueryBoundary>
      <LogsOfIt id={status.id} />
    </section>
  );
}

function Details({ found }: { found: Why }) {
  const worker = found.attempts.at(-1)?.worker;
  return (
    <>
      <dl className="health" aria-label={t`Facts`}>
        <Fact name={t`Account`} value={found.account ?? t`deleted`} />
        <Fact name={t`Queue`} value={found.queue} />
        <Fact name={t`Worker`} value={worker ?? "–"} />
        <Fact name={t`Posted`} value={formatDateTime(found.submitted_at)} />
        {found.ahead ? <Fact name={t`Ahead of it`} value={String(found.ahead)} /> : null}
        {found.expected_seconds ? <Fact name={t`Expected in`} value={formatDuration(found.expected_seconds)} /> : null}
      </dl>
      {found.reason ? (
        <p className="cockpit-reason">
          <strong>
            <Trans>Why:</Trans>
          </strong>{" "}
          {found.reason}
        </p>
      ) : null}
      {found.command ? (
        <p>
          <Trans>What helps:</Trans> <code>{found.command}</code>{" "}
          <CopyButton text={found.command} subject={t`command`} />
        </p>
      ) : null}
      <AttemptTable attempts={found.attempts} showsOne />
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** The log lines about a submission, which are loaded when the part is opened. */
function LogsOfIt({ id }: { id: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Trans>Log lines of the last hour that name it</Trans>
      </summary>
      {isOpen ? <LogLines submission={id} /> : null}
    </details>
  );
}
