import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { FormEvent } from "react";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { Link } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { useSendReset } from "./queries";

/** Asks for a link to set a new password, by e-mail. */
export default function ForgotPasswordPage() {
  usePageTitle(t`Forgotten password`);
  const send = useSendReset();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    send.mutate(String(new FormData(event.currentTarget).get("email")).trim());
  };
  return (
    <div className="narrow">
      <h1>
        <Trans>Forgotten password</Trans>
      </h1>
      <p>
        <Trans>
          A link to set a new password is sent to the verified address of your account. Without such an address, ask an
          administrator for a link.
        </Trans>
      </p>
      {send.isSuccess ? (
        <p role="status">
          <Trans>If an account has this address, the link is on its way to it.</Trans>
        </p>
      ) : (
        <form className="form" onSubmit={submit}>
          <Field label={t`E-mail address`} name="email" type="email" autoComplete="email" required maxLength={254} />
          {send.error ? <ErrorAlert error={send.error} /> : null}
          <button type="submit" className="button primary" disabled={send.isPending}>
            <Trans>Send the link</Trans>
          </button>
        </form>
      )}
      <p>
        <Link to="/sign-in">
          <Trans>Back to sign in</Trans>
        </Link>
      </p>
    </div>
  );
}
