import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatKilobytes, formatMilliseconds } from "../lib/format";
import { DataTable } from "../components/DataTable";
import type { TestRow } from "../api/types";
import { TestVerdict } from "./VerdictBadge";

export function TestTable({ tests }: { tests: TestRow[] }) {
  return (
    <DataTable
      label={t`Tests`}
      caption={t`Every test and its verdict`}
      rows={tests}
      rowKey={(test) => test.name}
      columns={[
        { title: t`Test`, cell: (test) => <Name test={test} />, namesRow: true },
        { title: t`Verdict`, cell: (test) => <TestVerdict verdict={test.verdict} /> },
        { title: t`CPU`, cell: (test) => formatMilliseconds(test.cpu_ms), className: "number" },
        { title: t`Wall time`, cell: (test) => formatMilliseconds(test.wall_ms), className: "number" },
        { title: t`Memory`, cell: (test) => formatKilobytes(test.memory_kb), className: "number" },
        { title: t`Message`, cell: (test) => test.detail ?? test.message ?? "" },
      ]}
    />
  );
}

function Name({ test }: { test: TestRow }) {
  return (
    <>
      {test.name}{" "}
      {test.sample ? (
        <span className="muted">
          <Trans>sample</Trans>
        </span>
      ) : null}
    </>
  );
}
