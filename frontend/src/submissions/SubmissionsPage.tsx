import { Choice } from "../furniture/Choice";
import { useAddressFilter } from "../furniture/useAddressFilter";
import { usePageTitle } from "../furniture/usePageTitle";
import { useLanguages, useProblems } from "../problems/queries";
import { SignInFirst } from "../session/SignInFirst";
import { VERDICTS } from "../verdict/words";
import { SubmissionList } from "./SubmissionList";

const NAMES = ["problem", "verdict", "language", "kind"] as const;
const KINDS = [
  ["", "submissions"],
  ["run", "runs"],
  ["both", "both"],
] as const;
const VERDICT_OPTIONS = Object.entries(VERDICTS).map(([verdict, words]) => [verdict, words.text] as const);

export default function SubmissionsPage() {
  usePageTitle("Submissions");
  return (
    <SignInFirst why="Sign in to see what you have submitted.">
      <History />
    </SignInFirst>
  );
}

/** What counts, unless runs are asked for: a run on the samples is not an answer. */
function History() {
  const [filter, choose] = useAddressFilter(NAMES);
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
            <Choice
              key={name}
              label={label}
              value={filter[name] ?? ""}
              choose={(value) => choose(name, value)}
              options={options}
            />
          ))}
          <Choice
            label="Kind"
            value={filter.kind ?? ""}
            choose={(value) => choose("kind", value)}
            options={KINDS}
            hasAll={false}
          />
        </div>
      </div>
      <SubmissionList filter={kind === "both" ? rest : { ...rest, kind }} />
    </div>
  );
}
