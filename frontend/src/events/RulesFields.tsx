import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Field } from "../components/Field";
import { Select } from "../components/Select";
import { GRADES_PATTERN, LATE_PATTERN, type RulesDraft } from "./eventRules";

interface Props {
  draft: RulesDraft;
  change: (part: Partial<RulesDraft>) => void;
}

/** Fields of rules that few events need. */
export function RulesFields({ draft, change }: Props) {
  const isIoi = draft.scoring === "ioi";
  return (
    <details className="event-form more-rules">
      <summary>
        <Trans>More rules</Trans>
      </summary>
      <div className="event-fields">
        {isIoi ? <IoiFields draft={draft} change={change} /> : null}
        <Field
          label={t`Submissions of a member to one problem, at most`}
          hint={t`empty: no limit`}
          type="number"
          min={1}
          max={10000}
          value={draft.tries}
          onChange={(e) => change({ tries: e.target.value })}
        />
        <Field
          label={t`Languages`}
          hint={t`their ids, with spaces between; empty: all`}
          value={draft.languages}
          onChange={(e) => change({ languages: e.target.value })}
        />
        <Select
          label={t`What members see of their submissions until the end`}
          value={draft.feedback}
          choose={(feedback) => change({ feedback })}
          hasAllOption={false}
          options={feedbacks()}
        />
        <Select
          label={t`Scoreboard shown to`}
          value={draft.standings}
          choose={(standings) => change({ standings })}
          hasAllOption={false}
          options={viewers()}
        />
        <Field
          label={t`Networks from which members take part`}
          hint={t`such as 10.1.0.0/16, with spaces between; empty: all`}
          value={draft.networks}
          onChange={(e) => change({ networks: e.target.value })}
        />
        <label className="checkbox">
          <input
            type="checkbox"
            checked={draft.oneAddress}
            onChange={(e) => change({ oneAddress: e.target.checked })}
          />{" "}
          <Trans>Each account takes part from one address, the one that it uses first</Trans>
        </label>
        <Field
          label={t`Grades`}
          hint={t`the points from which each is given, such as 90: A, 75: B`}
          pattern={GRADES_PATTERN}
          value={draft.grades}
          onChange={(e) => change({ grades: e.target.value })}
        />
      </div>
    </details>
  );
}

function IoiFields({ draft, change }: Props) {
  return (
    <>
      <Select
        label={t`Points of a problem`}
        value={draft.mode}
        choose={(mode) => change({ mode })}
        hasAllOption={false}
        options={modes()}
      />
      {draft.mode === "tokened" ? (
        <Field
          label={t`Tokens of a member for each problem`}
          type="number"
          min={0}
          max={10000}
          required
          value={draft.tokens}
          onChange={(e) => change({ tokens: e.target.value })}
        />
      ) : null}
      <Field
        label={t`Late submissions`}
        hint={t`minutes after the end, and the per cent that they are then worth, such as 60: 80, 120: 50`}
        pattern={LATE_PATTERN}
        value={draft.late}
        onChange={(e) => change({ late: e.target.value })}
      />
    </>
  );
}

/** The labels of these fields, for errors. */
export const ruleLabels = () => ({
  "rules.ioi.mode": t`Points of a problem`,
  "rules.ioi.tokens": t`Tokens of a member for each problem`,
  "rules.late": t`Late submissions`,
  "rules.max_tries": t`Submissions of a member to one problem, at most`,
  "rules.languages": t`Languages`,
  "rules.feedback": t`What members see of their submissions until the end`,
  "rules.standings": t`Scoreboard shown to`,
  "rules.networks": t`Networks from which members take part`,
  "rules.one_address": t`Each account takes part from one address, the one that it uses first`,
  "rules.grades": t`Grades`,
});
const modes = () =>
  [
    ["best", t`of the best submission`],
    ["groups", t`of the best of each test group, added`],
    ["tokened", t`of the best with a token, or of the last`],
    ["last", t`of the last submission`],
  ] as const;
const feedbacks = () =>
  [
    ["all", t`all tests`],
    ["samples", t`the verdict and the samples`],
    ["verdict", t`the verdict alone`],
    ["after-end", t`nothing`],
  ] as const;
const viewers = () =>
  [
    ["all", t`everybody who sees the event, except invited persons`],
    ["jury", t`the jury alone`],
  ] as const;
