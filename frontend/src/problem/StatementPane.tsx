import { Trans } from "@lingui/react/macro";
import { t } from "@lingui/core/macro";
import { useState } from "react";
import { Tabs } from "../components/Tabs";
import { useCurrentAccount } from "../auth/queries";
import { SubmissionList } from "../submissions/SubmissionList";
import type { Problem } from "../api/types";
import { StatementView } from "./StatementView";

const TABS = [
  { name: "statement", title: <Trans>Statement</Trans> },
  { name: "submissions", title: <Trans>My submissions</Trans> },
] as const;

export function StatementPane({ problem }: { problem: Problem }) {
  const [open, setOpen] = useState<"statement" | "submissions">("statement");
  const me = useCurrentAccount().data;
  return (
    <Tabs label={t`Problem`} tabs={me ? TABS : TABS.slice(0, 1)} open={open} choose={setOpen}>
      <article className="statement-pane">
        {open === "statement" ? (
          <StatementView problem={problem} />
        ) : (
          <SubmissionList filter={{ problem: problem.slug, kind: "submission" }} />
        )}
      </article>
    </Tabs>
  );
}
