import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
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
        <Field label={t`Name of a new key`} name="name" required maxLength={64} placeholder={t`laptop`} />
        <button type="submit" className="button" disabled={issue.isPending}>
          <Trans>Make a key</Trans>
        </button>
      </form>
      {issue.error ? <ErrorAlert error={issue.error} /> : null}
      {issue.data ? (
        <div className="new-key" role="status">
          <p><Trans>This is the key. It is shown now and never again:</Trans></p>
          <code>{issue.data.key}</code> <CopyButton text={issue.data.key} subject={t`the key`} />
        </div>
      ) : null}
    </>
  );
}
