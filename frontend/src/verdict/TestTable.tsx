import { kilobytes, milliseconds } from "../furniture/amounts";
import { TableFrame } from "../furniture/TableFrame";
import type { TestRow } from "../wire/types";
import { TestVerdict } from "./VerdictBadge";

export function TestTable({ tests }: { tests: TestRow[] }) {
  return (
    <TableFrame label="Tests">
      <table>
        <caption className="hidden">Every test and its verdict</caption>
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
            <th scope="col">Said</th>
          </tr>
        </thead>
        <tbody>
          {tests.map((test) => (
            <tr key={test.name}>
              <th scope="row">
                {test.name} {test.sample ? <span className="faint">sample</span> : null}
              </th>
              <td>
                <TestVerdict verdict={test.verdict} />
              </td>
              <td className="number">{milliseconds(test.cpu_ms)}</td>
              <td className="number">{milliseconds(test.wall_ms)}</td>
              <td className="number">{kilobytes(test.memory_kb)}</td>
              <td>{test.detail ?? test.message ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
