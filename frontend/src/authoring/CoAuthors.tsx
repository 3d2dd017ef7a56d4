import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { ConfirmButton } from "../components/ConfirmButton";
import { Field } from "../components/Field";
import type { Report } from "./AuthoredProblemPage";
import { useCoAuthor } from "./queries";
import type { AuthoredProblem } from "./types";

/** The owner and the co-authors. The owner and administrators choose them. */
export function CoAuthors({ problem, report }: { problem: AuthoredProblem; report: Report }) {
  const [name, setName] = useState("");
  const change = useCoAuthor(problem.slug);
  const act = (of: string, add: boolean, after?: () => void) =>
    change.mutate(
      { name: of, add },
      {
        onSuccess: ({ done }) => {
          report({ done: `${done}.` });
          after?.();
        },
        onError: (error) => report({ error }),
      },
    );
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) act(name.trim(), true, () => setName(""));
  };
  return (
    <section aria-labelledby="authors-title">
      <h2 id="authors-title">
        <Trans>Authors</Trans>
      </h2>
      <p>
        <Trans>Owner: {problem.owner ?? t`the administrators`}</Trans>
      </p>
      {problem.co_authors.length > 0 ? (
        <ul className="co-authors">
          {problem.co_authors.map((each) => (
            <li key={each}>
              {each}{" "}
              {problem.may_manage ? (
                <ConfirmButton
                  label={t`Remove`}
                  accessibleName={t`Remove ${each}`}
                  question={t`Remove ${each} from the co-authors?`}
                  consequence={t`The account can no longer see drafts, change, verify or publish this problem.`}
                  onConfirm={() => act(each, false)}
                />
              ) : null}
            </li>
          ))}
        </ul>
      ) : (
        <p className="muted">
          <Trans>No co-authors.</Trans>
        </p>
      )}
      {problem.may_manage ? (
        <>
          <p className="muted">
            <Trans>A co-author has the role author, and may do all but choose co-authors and delete the problem.</Trans>
          </p>
          <form className="form form-row" onSubmit={add}>
            <Field label={t`Add a co-author`} value={name} onChange={(event) => setName(event.target.value)} />
            <button type="submit" className="button" disabled={change.isPending}>
              <Trans>Add</Trans>
            </button>
          </form>
        </>
      ) : null}
    </section>
  );
}
