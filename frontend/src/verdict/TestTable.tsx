import { formatKilobytes, formatMilliseconds } from "../lib/format";
import { TableContainer } from "../components/TableContainer";
import type { TestRow } from "../api/types";
import { TestVerdict } from "./VerdictBadge";

export function TestTable({ tests }: { tests: TestRow[] }) {
  return (
    <TableContainer label="Tests">
      <table>
        <caption className="visually-hidden">Every test and its verdict</caption>
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col">Verdict</th>
            <th scope="col" className="number">
              CPU
            </th>
            <th scope="col" className="number">
              Wall
            </th>
            <th scope="col" className="number">
              Memory
            </th>
            <th scope="col">Message</th>
          </tr>
        </thead>
        <tbody>
          {tests.map((test) => (
            <tr key={test.name}>
              <th scope="row">
                {test.name} {test.sample ? <span className="muted">sample</span> : null}
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
