import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { type Credentials, needsSecondFactor, useSignIn } from "./queries";

export type SignInMethod = "password" | "key";

interface Props {
  method: SignInMethod;
  onSignedIn: () => void;
  /** The account that was signed in before. The pages keep what they show of it. */
  again?: string | undefined;
}

/** Name and password, or a key; asks for the second factor when the account has one. */
export function SignInForm({ method, onSignedIn, again }: Props) {
  const signIn = useSignIn(again);
  const [asksCode, setAsksCode] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    signIn.mutate(readCredentials(method, new FormData(event.currentTarget)), {
      onSuccess: onSignedIn,
      onError: (error) => needsSecondFactor(error) && setAsksCode(true),
    });
  };
  return (
    <form className="form" onSubmit={submit}>
      {method === "password" ? (
        <>
          <Field label={t`Name`} name="name" autoComplete="username" required defaultValue={again} />
          <Field label={t`Password`} name="password" type="password" autoComplete="current-password" required />
        </>
      ) : (
        <Field
          label={t`API key`}
          name="key"
          type="password"
          autoComplete="off"
          required
          hint={t`A key from your account page. Without a key, ask an administrator for a link that signs you in.`}
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

function readCredentials(method: SignInMethod, form: FormData): Credentials {
  const text = (name: string) => String(form.get(name) ?? "");
  if (method === "key") return { key: text("key").trim() };
  const code = text("code").trim();
  return { name: text("name").trim(), password: text("password"), ...(code ? { code } : {}) };
}
