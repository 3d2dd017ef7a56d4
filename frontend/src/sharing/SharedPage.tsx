import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useRef } from "react";
import { ApiError } from "../api/ApiError";
import { QueryBoundary } from "../components/QueryBoundary";
import type { EditorHandle } from "../editor/CodeEditor";
import { formatDateTime, formatKilobytes, formatMilliseconds } from "../lib/format";
import { Link, useParams } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { useLanguageName } from "../problems/queries";
import { SourceView } from "../submissions/SourceView";
import { VerdictBadge } from "../verdict/VerdictBadge";
import type { SharedSubmission } from "../api/types";
import { useShared } from "./queries";
import "../submissions/submissions.css";

/** A submission that its owner has shared by a public link. */
export default function SharedPage() {
  const { token = "" } = useParams();
  const shared = useShared(token);
  usePageTitle(t`Shared submission`);
  if (shared.error instanceof ApiError && [404, 422].includes(shared.error.status)) return <Nothing />;
  return (
    <div className="wide submission">
      <QueryBoundary query={shared} subject={t`the submission`}>
        {(found) => <Details shared={found} token={token} />}
      </QueryBoundary>
    </div>
  );
}

function Nothing() {
  return (
    <div className="narrow">
      <h1>
        <Trans>This link shows nothing</Trans>
      </h1>
      <p>
        <Trans>
          It was revoked, or a part of it is missing. Or the submission is not shown now, for example because an event
          is not over.
        </Trans>
      </p>
    </div>
  );
}

function Details({ shared, token }: { shared: SharedSubmission; token: string }) {
  const source = useRef<EditorHandle>(null);
  const languageName = useLanguageName();
  const figures = [formatMilliseconds(shared.cpu_ms), formatKilobytes(shared.memory_kb)];
  return (
    <>
      <h1>
        <Link to={`/problems/${shared.problem}`}>{shared.problem_name}</Link>
      </h1>
      <p>
        {shared.verdict ? (
          <VerdictBadge status={{ ...shared, stage: "DONE", tests_done: 0, tests_total: 0 }} />
        ) : (
          <Trans>Not judged yet</Trans>
        )}{" "}
        <span className="muted">
          {[languageName(shared.language), ...figures, formatDateTime(shared.submitted_at)].join(" · ")}
        </span>
      </p>
      <SourceView submission={{ ...shared, id: token }} handle={source} />
    </>
  );
}
