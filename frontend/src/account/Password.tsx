import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { FormEvent } from "react";
import { ApiError } from "../api/ApiError";
import type { CurrentAccount } from "../auth/queries";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { NewPasswordField } from "./NewPasswordField";
import { useChangePassword } from "./queries";

/** Changes the password, or sets the first one. */
export function Password({ me }: { me: CurrentAccount }) {
  const change = useChangePassword();
  const refused = change.error instanceof ApiError ? change.error : null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const text = (name: string) => String(new FormData(form).get(name) ?? "");
    const current = me.has_password ? { current_password: text("current") } : {};
    change.mutate({ new_password: text("new"), ...current }, { onSuccess: () => form.reset() });
  };
  return (
    <section aria-labelledby="password-title">
      <h2 id="password-title">
        <Trans>Password</Trans>
      </h2>
      <p className="muted">
        {me.has_password
          ? t`A new password signs out every other browser. API keys stay valid.`
          : t`This account has no password yet. With one you can sign in by name and password.`}
      </p>
      <form className="form account-form" onSubmit={submit}>
        <input type="hidden" name="username" autoComplete="username" value={me.name} readOnly />
        {me.has_password ? (
          <Field
            label={t`Present password`}
            name="current"
            type="password"
            autoComplete="current-password"
            required
            error={refused?.fieldMessage("current_password")}
          />
        ) : null}
        <NewPasswordField error={refused?.fieldMessage("new_password")} />
        {change.error && !refused?.fieldErrors.length ? <ErrorAlert error={change.error} /> : null}
        <div>
          <button type="submit" className="button" disabled={change.isPending}>
            {me.has_password ? t`Change the password` : t`Set a password`}
          </button>{" "}
          <span role="status">{change.isSuccess ? t`The password is set.` : ""}</span>
        </div>
      </form>
    </section>
  );
}
