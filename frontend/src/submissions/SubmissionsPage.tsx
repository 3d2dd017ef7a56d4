import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Select } from "../components/Select";
import { useQueryFilters } from "../lib/useQueryFilters";
import { usePageTitle } from "../lib/usePageTitle";
import { useLanguages, useProblems } from "../problems/queries";
import { RequireSignIn } from "../auth/RequireSignIn";
import { verdictAndPartialOptions } from "../verdict/labels";
import { SubmissionList } from "./SubmissionList";

const FILTERS = ["problem", "verdict", "language", "kind"] as const;

export default function SubmissionsPage() {
  usePageTitle(t`Submissions`);
  return (
    <RequireSignIn reason={t`Sign in to see what you have submitted.`}>
      <FilteredSubmissions />
    </RequireSignIn>
  );
}

/** The list of submissions; runs are shown only when the filter asks for them. */
function FilteredSubmissions() {
  const [filter, choose] = useQueryFilters(FILTERS);
  const problems = (useProblems().data ?? []).map(({ slug, name }) => [slug, name] as const);
  const languages = (useLanguages().data ?? []).map(({ id, name }) => [id, name] as const);
  const choices = [
    ["problem", t`Problem`, problems],
    ["verdict", t`Verdict`, verdictAndPartialOptions()],
    ["language", t`Language`, languages],
  ] as const;
  const { kind = "submission", ...rest } = filter;
  return (
    <div className="wide">
      <div className="page-head">
        <h1>
          <Trans>Submissions</Trans>
        </h1>
        <div className="filters">
          {choices.map(([name, label, options]) => (
            <Select
              key={name}
              label={label}
              value={filter[name] ?? ""}
              choose={(value) => choose(name, value)}
              options={options}
            />
          ))}
          <Select
            label={t`Kind`}
            value={filter.kind ?? ""}
            choose={(value) => choose("kind", value)}
            options={[
              ["", t`submissions`],
              ["run", t`runs`],
              ["both", t`both`],
            ]}
            hasAllOption={false}
          />
        </div>
      </div>
      <SubmissionList filter={kind === "both" ? rest : { ...rest, kind }} />
    </div>
  );
}
