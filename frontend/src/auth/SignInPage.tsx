import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { Link, useSearchParams } from "../lib/routing";
import { Field } from "../components/Field";
import { Tabs } from "../components/Tabs";
import { ErrorAlert } from "../components/ErrorAlert";
import { usePageTitle } from "../lib/usePageTitle";
import { type Credentials, needsSecondFactor, useSignIn, useSsoProviders } from "./queries";
import { SsoButtons } from "./SsoButtons";
import { SsoFault } from "./SsoFault";
import { useReturnAfterSignIn } from "./useReturnAfterSignIn";

type Method = "password" | "key";
const METHODS = [
  { name: "password", title: <Trans>Name and password</Trans> },
  { name: "key", title: <Trans>API key</Trans> },
] as const;

export default function SignInPage() {
  usePageTitle(t`Sign in`);
  const [method, setMethod] = useState<Method>("password");
  const [query] = useSearchParams();
  const signUp = useSsoProviders().data?.sign_up ?? "open";
  return (
    <div className="narrow">
      <h1>
        <Trans>Sign in</Trans>
      </h1>
      <SsoFault />
      <SsoButtons />
      <Tabs label={t`How to sign in`} tabs={METHODS} open={method} choose={setMethod}>
        <SignInForm key={method} method={method} />
      </Tabs>
      <p className="muted">
        <Link to="/forgot-password">
          <Trans>Forgotten password?</Trans>
        </Link>
      </p>
      {signUp === "open" || signUp === "invitation" ? (
        <p className="muted">
          <Trans>
            No account yet? <Link to={`/sign-up?${query}`}>Sign up</Link>
          </Trans>
        </p>
      ) : null}
    </div>
  );
}

function SignInForm({ method }: { method: Method }) {
  const signIn = useSignIn();
  const returnToPage = useReturnAfterSignIn();
  const [asksCode, setAsksCode] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    signIn.mutate(readCredentials(method, new FormData(event.currentTarget)), {
      onSuccess: returnToPage,
      onError: (error) => needsSecondFactor(error) && setAsksCode(true),
    });
  };
  return (
    <form className="form" onSubmit={submit}>
      {method === "password" ? (
        <>
          <Field label={t`Name`} name="name" autoComplete="username" required />
          <Field label={t`Password`} name="password" type="password" autoComplete="current-password" required />
        </>
      ) : (
        <Field
          label={t`API key`}
          name="key"
          type="password"
          autoComplete="off"
          required
          hint={t`A key from your account page. The command “gavel login-link NAME” makes a link that signs in without a key.`}
        />
      )}
      {asksCode ? (
        <Field
          label={t`Code of your second factor`}
          name="code"
          autoComplete="one-time-code"
          autoFocus
          required
          minLength={6}
          hint={t`From the app on your phone, or a recovery code.`}
        />
      ) : null}
      {signIn.error && !needsSecondFactor(signIn.error) ? <ErrorAlert error={signIn.error} /> : null}
      <button type="submit" className="button primary" disabled={signIn.isPending}>
        <Trans>Sign in</Trans>
      </button>
    </form>
  );
}

function readCredentials(method: Method, form: FormData): Credentials {
  const text = (name: string) => String(form.get(name) ?? "");
  if (method === "key") return { key: text("key").trim() };
  const code = text("code").trim();
  return { name: text("name").trim(), password: text("password"), ...(code ? { code } : {}) };
}
