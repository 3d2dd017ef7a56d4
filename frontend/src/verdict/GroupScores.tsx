import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { GroupScore } from "../api/types";
import { scoreText } from "./score";

/** The test groups of a scoring problem: the points of each, and a bar where the greatest score is known. */
export function GroupScores({ groups }: { groups: GroupScore[] }) {
  return (
    <table className="group-scores">
      <caption>
        <Trans>Points by test group</Trans>
      </caption>
      <tbody>
        {groups.map((group) => (
          <tr key={group.name}>
            <th scope="row">{groupName(group.name)}</th>
            <td className="group-bar">
              {group.max_score ? <progress max={group.max_score} value={group.score} aria-label={t`Points`} /> : null}
            </td>
            <td className="number">{scoreText(group.score, group.max_score)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The name without the folder of all secret tests. */
function groupName(name: string): string {
  return name.replace(/^secret\//, "");
}
