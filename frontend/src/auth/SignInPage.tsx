import { type FormEvent, useState } from "react";
import { Link, useSearchParams } from "../lib/routing";
import { Field } from "../components/Field";
import { Tabs } from "../components/Tabs";
import { ErrorAlert } from "../components/ErrorAlert";
import { usePageTitle } from "../lib/usePageTitle";
import { type Credentials, useSignIn } from "./queries";
import { useReturnAfterSignIn } from "./useReturnAfterSignIn";

type Method = "password" | "key";
const METHODS = [
  { name: "password", title: "Name and password" },
  { name: "key", title: "API key" },
] as const;

export default function SignInPage() {
  usePageTitle("Sign in");
  const [method, setMethod] = useState<Method>("password");
  const [query] = useSearchParams();
  return (
    <div className="narrow">
      <h1>Sign in</h1>
      <Tabs label="How to sign in" tabs={METHODS} open={method} choose={setMethod}>
        <SignInForm key={method} method={method} />
      </Tabs>
      <p className="muted">
        No account yet? <Link to={`/sign-up?${query}`}>Sign up</Link>
      </p>
    </div>
  );
}

function SignInForm({ method }: { method: Method }) {
  const signIn = useSignIn();
  const returnToPage = useReturnAfterSignIn();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    signIn.mutate(readCredentials(method, new FormData(event.currentTarget)), { onSuccess: returnToPage });
  };
  return (
    <form className="form" onSubmit={submit}>
      {method === "password" ? (
        <>
          <Field label="Name" name="name" autoComplete="username" required />
          <Field label="Password" name="password" type="password" autoComplete="current-password" required />
        </>
      ) : (
        <Field
          label="API key"
          name="key"
          type="password"
          autoComplete="off"
          required
          hint="For the accounts that “gavel up” made: their keys are in its credentials.json."
        />
      )}
      {signIn.error ? <ErrorAlert error={signIn.error} /> : null}
      <button type="submit" className="button primary" disabled={signIn.isPending}>
        Sign in
      </button>
    </form>
  );
}

function readCredentials(method: Method, form: FormData): Credentials {
  const text = (name: string) => String(form.get(name) ?? "");
  return method === "key"
    ? { key: text("key").trim() }
    : { name: text("name").trim(), password: text("password") };
}
