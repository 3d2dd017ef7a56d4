import { useSearchParams } from "react-router";
import { usePageTitle } from "../furniture/usePageTitle";
import { useProblems } from "../problems/queries";
import { SignInFirst } from "../session/SignInFirst";
import { VERDICTS } from "../verdict/words";
import type { Filter } from "./queries";
import { SubmissionList } from "./SubmissionList";

export default function SubmissionsPage() {
  usePageTitle("Submissions");
  return (
    <SignInFirst why="Sign in to see what you have submitted.">
      <History />
    </SignInFirst>
  );
}

/** The filters are in the address: a filtered history can be kept and shared. */
function History() {
  const [address, setAddress] = useSearchParams();
  const problems = useProblems().data ?? [];
  const filter: Filter = Object.fromEntries(
    [...address].filter(([name]) => name === "problem" || name === "verdict"),
  );
  const choose = (name: string, value: string) => {
    const next = new URLSearchParams(address);
    if (value) next.set(name, value);
    else next.delete(name);
    setAddress(next, { replace: true });
  };
  return (
    <div className="wide">
      <div className="page-head">
        <h1>Submissions</h1>
        <div className="filters">
          <Choice
            label="Problem"
            value={filter.problem ?? ""}
            choose={(value) => choose("problem", value)}
            options={problems.map((problem) => [problem.slug, problem.name])}
          />
          <Choice
            label="Verdict"
            value={filter.verdict ?? ""}
            choose={(value) => choose("verdict", value)}
            options={Object.entries(VERDICTS).map(([verdict, words]) => [verdict, words.text])}
          />
        </div>
      </div>
      <SubmissionList filter={filter} />
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  choose: (value: string) => void;
  options: [string, string][];
}

function Choice({ label, value, choose, options }: ChoiceProps) {
  return (
    <label>
      <span className="faint">{label}</span>
      <select className="input small" value={value} onChange={(event) => choose(event.target.value)}>
        <option value="">all</option>
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
