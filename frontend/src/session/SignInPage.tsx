import { type FormEvent, useState } from "react";
import { Link, useSearchParams } from "../furniture/routing";
import { Field } from "../furniture/Field";
import { Tabs } from "../furniture/Tabs";
import { Trouble } from "../furniture/Trouble";
import { usePageTitle } from "../furniture/usePageTitle";
import { type Credentials, useSignIn } from "./me";
import { useNext } from "./useNext";

type Way = "password" | "key";
const WAYS = [
  { name: "password", title: "Name and password" },
  { name: "key", title: "API key" },
] as const;

export default function SignInPage() {
  usePageTitle("Sign in");
  const [way, setWay] = useState<Way>("password");
  const [address] = useSearchParams();
  return (
    <div className="narrow">
      <h1>Sign in</h1>
      <Tabs label="How to sign in" tabs={WAYS} open={way} choose={setWay}>
        <SignInForm key={way} way={way} />
      </Tabs>
      <p className="faint">
        No account yet? <Link to={`/sign-up?${address}`}>Sign up</Link>
      </p>
    </div>
  );
}

function SignInForm({ way }: { way: Way }) {
  const signIn = useSignIn();
  const goOn = useNext();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    signIn.mutate(readCredentials(way, new FormData(event.currentTarget)), { onSuccess: goOn });
  };
  return (
    <form className="form" onSubmit={submit}>
      {way === "password" ? (
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
      {signIn.error ? <Trouble error={signIn.error} /> : null}
      <button type="submit" className="button primary" disabled={signIn.isPending}>
        Sign in
      </button>
    </form>
  );
}

function readCredentials(way: Way, form: FormData): Credentials {
  const text = (name: string) => String(form.get(name) ?? "");
  return way === "key"
    ? { key: text("key").trim() }
    : { name: text("name").trim(), password: text("password") };
}
