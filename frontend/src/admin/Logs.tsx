import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { EmptyState } from "../components/EmptyState";
import { QueryBoundary } from "../components/QueryBoundary";
import { ScrollablePre } from "../components/ScrollablePre";
import { SearchField } from "../components/SearchField";
import { Select } from "../components/Select";
import { useLogs } from "./queries";

/** The logs of the last hour of API, dispatcher and workers, by process and submission. */
export function Logs() {
  const [process, setProcess] = useState("");
  const [submission, setSubmission] = useState(() => new URLSearchParams(location.search).get("submission") ?? "");
  const processes = useLogs({}).data?.processes ?? [];
  return (
    <>
      <div className="page-head">
        <h1>
          <Trans>Logs of the last hour</Trans>
        </h1>
      </div>
      <div className="filters">
        <Select
          label={t`Process`}
          value={process}
          choose={setProcess}
          options={processes.map((name) => [name, name] as const)}
        />
        <SearchField
          label={t`Only of this submission`}
          placeholder={t`Submission, then Enter`}
          value={submission}
          search={setSubmission}
          atEnter
        />
      </div>
      <LogLines process={process} submission={submission} />
    </>
  );
}

interface Props {
  process?: string;
  submission?: string;
}

export function LogLines({ process = "", submission = "" }: Props) {
  const logs = useLogs({ ...(process ? { process } : {}), ...(submission ? { submission } : {}) });
  return (
    <QueryBoundary query={logs} subject={t`the logs`}>
      {({ processes, lines }) =>
        processes.length === 0 ? (
          <EmptyState title={t`No logs are kept on this host`}>
            <p>
              <Trans>
                Processes that <code>gavel up</code> has not started log to their own output: see the journal, or the
                logs of their containers.
              </Trans>
            </p>
          </EmptyState>
        ) : (
          <>
            <p className="muted">
              <Trans>
                Logs of {processes.join(", ")}. Workers on other hosts keep their own logs. The newest line is the last.{" "}
              </Trans>
              <button type="button" className="button small" onClick={() => void logs.refetch()}>
                <Trans>Ask again</Trans>
              </button>
            </p>
            {lines.length === 0 ? (
              <EmptyState title={t`No line of the last hour matches`} />
            ) : (
              <ScrollablePre label={t`Log lines`} className="log-lines">
                {lines.map((line) => `${line.process.padEnd(18)} ${line.text}`).join("\n")}
              </ScrollablePre>
            )}
          </>
        )
      }
    </QueryBoundary>
  );
}
