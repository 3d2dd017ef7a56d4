import type { FormEvent } from "react";
import { Link, useSearchParams } from "../furniture/routing";
import { Field } from "../furniture/Field";
import { Trouble } from "../furniture/Trouble";
import { usePageTitle } from "../furniture/usePageTitle";
import { Problem } from "../wire/problem";
import { useSignUp } from "./me";
import { useNext } from "./useNext";

export default function SignUpPage() {
  usePageTitle("Sign up");
  const signUp = useSignUp();
  const goOn = useNext();
  const [address] = useSearchParams();
  const invitation = address.get("invitation");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, password] = [String(form.get("name")).trim(), String(form.get("password"))];
    signUp.mutate({ name, password, ...(invitation ? { invitation } : {}) }, { onSuccess: goOn });
  };
  const refusal = signUp.error instanceof Problem ? signUp.error : null;
  return (
    <div className="narrow">
      <h1>Sign up</h1>
      <form className="form" onSubmit={submit}>
        <Field label="Name" name="name" autoComplete="username" required fault={refusal?.about("name")} />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          minLength={10}
          hint="At least 10 characters."
          fault={refusal?.about("password")}
        />
        {signUp.error ? <Trouble error={signUp.error} /> : null}
        <button type="submit" className="button primary" disabled={signUp.isPending}>
          Make the account
        </button>
      </form>
      <p className="faint">
        Have one already? <Link to={`/sign-in?${address}`}>Sign in</Link>
      </p>
    </div>
  );
}
