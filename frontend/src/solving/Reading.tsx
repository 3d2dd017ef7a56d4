import { Suspense, useState } from "react";
import { Loading } from "../furniture/Loading";
import { Tabs } from "../furniture/Tabs";
import { useMe } from "../session/me";
import { SubmissionList } from "../submissions/SubmissionList";
import type { Problem } from "../wire/types";
import { StatementView } from "./StatementView";

const TABS = [
  { name: "statement", title: "Statement" },
  { name: "submissions", title: "My submissions" },
] as const;

export function Reading({ problem }: { problem: Problem }) {
  const [open, setOpen] = useState<"statement" | "submissions">("statement");
  const me = useMe().data;
  return (
    <Tabs label="Problem" tabs={me ? TABS : TABS.slice(0, 1)} open={open} choose={setOpen}>
      <article className="reading">
        {open === "statement" ? (
          <Suspense fallback={<Loading what="the statement" />}>
            <StatementView problem={problem} />
          </Suspense>
        ) : (
          <SubmissionList filter={{ problem: problem.slug, kind: "submission" }} />
        )}
      </article>
    </Tabs>
  );
}
