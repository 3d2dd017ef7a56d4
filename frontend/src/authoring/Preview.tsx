import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Suspense, useEffect, useState } from "react";
import { ErrorAlert } from "../components/ErrorAlert";
import { Loading } from "../components/Loading";
import { StatementView } from "../problem/StatementView";
import type { Edits } from "./edits";
import { usePreview } from "./queries";
import type { AuthoredProblem } from "./types";

const PAUSE_MS = 700;

/** The problem as solvers would see it with the changes. It is rendered a moment after the last change. */
export function Preview({ problem, edits }: { problem: AuthoredProblem; edits: Edits }) {
  const [settled, setSettled] = useState(edits);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(edits), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [edits]);
  const preview = usePreview(problem.slug, problem.newest, settled);
  return (
    <section className="preview" aria-labelledby="preview-title">
      <h2 id="preview-title">
        <Trans>Preview</Trans>
      </h2>
      {preview.error ? <ErrorAlert error={preview.error} /> : null}
      {preview.data ? (
        <Suspense fallback={<Loading subject={t`the statement`} />}>
          <StatementView problem={preview.data} />
        </Suspense>
      ) : preview.error ? null : (
        <Loading subject={t`the preview`} />
      )}
    </section>
  );
}
