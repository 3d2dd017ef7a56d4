import type { FormEvent } from "react";
import { CopyButton } from "../components/CopyButton";
import { Field } from "../components/Field";
import { ErrorAlert } from "../components/ErrorAlert";
import { useIssueKey } from "./queries";

/** Makes a key and shows its secret once. */
export function IssueKey() {
  const issue = useIssueKey();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    issue.mutate(String(new FormData(form).get("name")).trim(), { onSuccess: () => form.reset() });
  };
  return (
    <>
      <form className="form form-row" onSubmit={submit}>
        <Field label="Name of a new key" name="name" required maxLength={64} placeholder="laptop" />
        <button type="submit" className="button" disabled={issue.isPending}>
          Make a key
        </button>
      </form>
      {issue.error ? <ErrorAlert error={issue.error} /> : null}
      {issue.data ? (
        <div className="new-key" role="status">
          <p>This is the key. It is shown now and never again:</p>
          <code>{issue.data.key}</code> <CopyButton text={issue.data.key} subject="the key" />
        </div>
      ) : null}
    </>
  );
}
