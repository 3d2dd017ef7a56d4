import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { FormEvent } from "react";
import { Link, useSearchParams } from "../lib/routing";
import { Field } from "../components/Field";
import { ErrorAlert } from "../components/ErrorAlert";
import { usePageTitle } from "../lib/usePageTitle";
import { ApiError } from "../api/ApiError";
import { useSignUp, useSsoProviders } from "./queries";
import { SsoButtons } from "./SsoButtons";
import { useReturnAfterSignIn } from "./useReturnAfterSignIn";

export default function SignUpPage() {
  usePageTitle(t`Sign up`);
  const allowed = useSsoProviders().data?.sign_up ?? "open";
  const [query] = useSearchParams();
  return (
    <div className="narrow">
      <h1>
        <Trans>Sign up</Trans>
      </h1>
      <SsoButtons />
      {allowed === "invitation" && !query.get("invitation") ? (
        <p>
          <Trans>Signing up needs an invitation here. Open its link, or ask an administrator for one.</Trans>
        </p>
      ) : null}
      {allowed === "open" || allowed === "invitation" ? <SignUpForm /> : <NotByPassword allowed={allowed} />}
    </div>
  );
}

function NotByPassword({ allowed }: { allowed: "sso" | "closed" }) {
  return (
    <p>
      {allowed === "sso"
        ? t`Accounts are made when people first sign in with one of these servers.`
        : t`Sign-up is closed here. Ask an administrator for an account.`}
    </p>
  );
}

function SignUpForm() {
  const signUp = useSignUp();
  const returnToPage = useReturnAfterSignIn();
  const [query] = useSearchParams();
  const invitation = query.get("invitation");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, password] = [String(form.get("name")).trim(), String(form.get("password"))];
    signUp.mutate({ name, password, ...(invitation ? { invitation } : {}) }, { onSuccess: returnToPage });
  };
  const refused = signUp.error instanceof ApiError ? signUp.error : null;
  return (
    <>
      <form className="form" onSubmit={submit}>
        <Field label={t`Name`} name="name" autoComplete="username" required error={refused?.fieldMessage("name")} />
        <Field
          label={t`Password`}
          name="password"
          type="password"
          autoComplete="new-password"
          required
          minLength={10}
          hint={t`At least 10 characters.`}
          error={refused?.fieldMessage("password")}
        />
        {signUp.error ? <ErrorAlert error={signUp.error} fields={["name", "password"]} /> : null}
        <button type="submit" className="button primary" disabled={signUp.isPending}>
          <Trans>Make the account</Trans>
        </button>
      </form>
      <p className="muted">
        <Trans>
          Do you have an account already? <Link to={`/sign-in?${query}`}>Sign in</Link>
        </Trans>
      </p>
    </>
  );
}
