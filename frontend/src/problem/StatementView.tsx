import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import type { Problem, Statement } from "../api/types";
import { chosenLocale, languageName } from "../lib/i18n";
import { ProblemLimits } from "./ProblemLimits";
import { SampleView } from "./SampleView";
import { StatementText } from "./StatementText";

/** The statement in the reader's language if the package has it, with samples and credits. */
export function StatementView({ problem }: { problem: Problem }) {
  const [language, setLanguage] = useState(() => preferred(problem.statements));
  const statement = problem.statements.find((each) => each.language === language) ?? problem.statements[0];
  return (
    <>
      <div className="statement-head">
        <h1>{statement?.name || problem.name}</h1>
        {problem.statements.length > 1 ? (
          <select
            className="input small"
            aria-label={t`Language of the statement`}
            value={language}
            onChange={(event) => setLanguage(event.target.value)}
          >
            {problem.statements.map((each) => (
              <option key={each.language} value={each.language}>
                {languageName(each.language)}
              </option>
            ))}
          </select>
        ) : null}
      </div>
      {problem.suspended ? (
        <p className="error-alert" role="status">
          <Trans>This problem takes no submissions for now: {problem.suspended}</Trans>
        </p>
      ) : null}
      <ProblemLimits problem={problem} />
      {statement ? (
        <StatementText statement={statement} slug={problem.slug} />
      ) : (
        <p>
          <Trans>The package has no statement.</Trans>
        </p>
      )}
      {problem.samples.map((sample, index) => (
        <SampleView key={sample.name} sample={sample} number={index + 1} />
      ))}
      <Credits problem={problem} />
    </>
  );
}

function preferred(statements: Statement[]): string {
  const wanted = [chosenLocale(), ...navigator.languages].map((tag) => tag?.split("-")[0]);
  const found = wanted.find((tag) => statements.some((each) => each.language === tag));
  return found ?? statements.find((each) => each.language === "en")?.language ?? statements[0]?.language ?? "en";
}

function Credits({ problem }: { problem: Problem }) {
  const by = problem.authors.length > 0 ? t`By ${problem.authors.join(", ")}.` : "";
  const from = problem.source ? t`Source: ${problem.source}.` : "";
  const license = problem.license === "unknown" ? "" : t`License: ${problem.license}.`;
  if (!by && !from && !license) return null;
  return <p className="credits muted">{[by, from, license].filter(Boolean).join(" ")}</p>;
}
