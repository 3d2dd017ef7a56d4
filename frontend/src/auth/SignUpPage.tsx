import type { FormEvent } from "react";
import { Link, useSearchParams } from "../lib/routing";
import { Field } from "../components/Field";
import { ErrorAlert } from "../components/ErrorAlert";
import { usePageTitle } from "../lib/usePageTitle";
import { ApiError } from "../api/ApiError";
import { useSignUp } from "./queries";
import { useReturnAfterSignIn } from "./useReturnAfterSignIn";

export default function SignUpPage() {
  usePageTitle("Sign up");
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
    <div className="narrow">
      <h1>Sign up</h1>
      <form className="form" onSubmit={submit}>
        <Field label="Name" name="name" autoComplete="username" required error={refused?.fieldMessage("name")} />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          minLength={10}
          hint="At least 10 characters."
          error={refused?.fieldMessage("password")}
        />
        {signUp.error ? <ErrorAlert error={signUp.error} /> : null}
        <button type="submit" className="button primary" disabled={signUp.isPending}>
          Make the account
        </button>
      </form>
      <p className="muted">
        Have one already? <Link to={`/sign-in?${query}`}>Sign in</Link>
      </p>
    </div>
  );
}
