import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatKilobytes, formatMilliseconds } from "../lib/format";
import { TableContainer } from "../components/TableContainer";
import type { TestRow } from "../api/types";
import { TestVerdict } from "./VerdictBadge";

export function TestTable({ tests }: { tests: TestRow[] }) {
  return (
    <TableContainer label={t`Tests`}>
      <table>
        <caption className="visually-hidden">
          <Trans>Every test and its verdict</Trans>
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Test</Trans>
            </th>
            <th scope="col">
              <Trans>Verdict</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>CPU</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Wall</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Memory</Trans>
            </th>
            <th scope="col">
              <Trans>Message</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {tests.map((test) => (
            <tr key={test.name}>
              <th scope="row">
                {test.name}{" "}
                {test.sample ? (
                  <span className="muted">
                    <Trans>sample</Trans>
                  </span>
                ) : null}
              </th>
              <td>
                <TestVerdict verdict={test.verdict} />
              </td>
              <td className="number">{formatMilliseconds(test.cpu_ms)}</td>
              <td className="number">{formatMilliseconds(test.wall_ms)}</td>
              <td className="number">{formatKilobytes(test.memory_kb)}</td>
              <td>{test.detail ?? test.message ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableContainer>
  );
}
