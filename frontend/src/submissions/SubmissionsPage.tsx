import { Select } from "../components/Select";
import { useQueryFilters } from "../lib/useQueryFilters";
import { usePageTitle } from "../lib/usePageTitle";
import { useLanguages, useProblems } from "../problems/queries";
import { RequireSignIn } from "../auth/RequireSignIn";
import { VERDICT_LABELS } from "../verdict/labels";
import { SubmissionList } from "./SubmissionList";

const FILTERS = ["problem", "verdict", "language", "kind"] as const;
const KINDS = [
  ["", "submissions"],
  ["run", "runs"],
  ["both", "both"],
] as const;
const VERDICT_OPTIONS = Object.entries(VERDICT_LABELS).map(([verdict, label]) => [verdict, label.text] as const);

export default function SubmissionsPage() {
  usePageTitle("Submissions");
  return (
    <RequireSignIn reason="Sign in to see what you have submitted.">
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
    ["problem", "Problem", problems],
    ["verdict", "Verdict", VERDICT_OPTIONS],
    ["language", "Language", languages],
  ] as const;
  const { kind = "submission", ...rest } = filter;
  return (
    <div className="wide">
      <div className="page-head">
        <h1>Submissions</h1>
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
            label="Kind"
            value={filter.kind ?? ""}
            choose={(value) => choose("kind", value)}
            options={KINDS}
            hasAllOption={false}
          />
        </div>
      </div>
      <SubmissionList filter={kind === "both" ? rest : { ...rest, kind }} />
    </div>
  );
}
