import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import type { Role } from "../api/types";
import { CopyButton } from "../components/CopyButton";
import { Field } from "../components/Field";
import { ErrorAlert } from "../components/ErrorAlert";
import { Select } from "../components/Select";
import { useIssueKey } from "./queries";
import { type Scope, scopesOf, scopeInWords } from "./scopes";

const DAY_MS = 86_400_000;

/** Makes a key with a name, scopes and an end, and shows its secret once. */
export function IssueKey({ role }: { role: Role }) {
  const issue = useIssueKey();
  const [limited, setLimited] = useState("");
  const [days, setDays] = useState("");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const scopes = limited ? { scopes: data.getAll("scope") as Scope[] } : {};
    const expires = days ? { expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString() } : {};
    issue.mutate({ name: String(data.get("name")).trim(), ...scopes, ...expires }, { onSuccess: () => form.reset() });
  };
  return (
    <>
      <form className="form account-form" onSubmit={submit}>
        <Field label={t`Name of a new key`} name="name" required maxLength={64} placeholder={t`laptop`} />
        <Select
          label={t`It may do`}
          value={limited}
          choose={setLimited}
          options={[
            ["", t`everything that you may do`],
            ["some", t`only what is chosen here`],
          ]}
          hasAllOption={false}
        />
        {limited ? <ScopeChoice role={role} /> : null}
        <Select label={t`It expires`} value={days} choose={setDays} options={lifetimes()} hasAllOption={false} />
        <div>
          <button type="submit" className="button" disabled={issue.isPending}>
            <Trans>Make a key</Trans>
          </button>
        </div>
      </form>
      {issue.error ? <ErrorAlert error={issue.error} /> : null}
      {issue.data ? (
        <div className="new-key" role="status">
          <p>
            <Trans>This is the key. It is shown now and never again:</Trans>
          </p>
          <code>{issue.data.key}</code> <CopyButton text={issue.data.key} subject={t`the key`} />
        </div>
      ) : null}
    </>
  );
}

function ScopeChoice({ role }: { role: Role }) {
  return (
    <fieldset className="scope-choice">
      <legend className="visually-hidden">
        <Trans>What the key may do</Trans>
      </legend>
      {scopesOf(role).map((scope) => (
        <label key={scope}>
          <input
            type="checkbox"
            name="scope"
            value={scope}
            defaultChecked={scope === "read"}
            onClick={scope === "read" ? (event) => event.preventDefault() : undefined}
          />{" "}
          {scopeInWords(scope)}
        </label>
      ))}
    </fieldset>
  );
}

function lifetimes(): [string, string][] {
  return [
    ["", t`never`],
    ["7", t`in 7 days`],
    ["30", t`in 30 days`],
    ["90", t`in 90 days`],
    ["365", t`in a year`],
  ];
}
