import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { ApiError } from "../api/ApiError";
import { needsSecondFactor } from "../auth/queries";
import { useReturnAfterSignIn } from "../auth/useReturnAfterSignIn";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { QueryBoundary } from "../components/QueryBoundary";
import { formatDateTime } from "../lib/format";
import { Link, useHash, useNavigate } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { NewPasswordField } from "./NewPasswordField";
import { type OneTimeLink, useOneTimeLink, useResetPassword, useSignInByLink, useVerifyEmail } from "./queries";
import "./account.css";

/** The page behind a one-time link. Its token is after the # of the address, which browsers do not send. */
export default function LinkPage() {
  usePageTitle(t`One-time link`);
  const token = useHash();
  const link = useOneTimeLink(token);
  if (link.error instanceof ApiError && link.error.status === 422) return <DeadLink />;
  return (
    <div className="narrow" key={token}>
      <QueryBoundary query={link} subject={t`the link`}>
        {(found) =>
          found.purpose === "password" ? (
            <ResetPassword token={token} link={found} />
          ) : found.purpose === "email" ? (
            <VerifyEmail token={token} link={found} />
          ) : (
            <SignIn token={token} link={found} />
          )
        }
      </QueryBoundary>
    </div>
  );
}

function DeadLink() {
  return (
    <div className="narrow">
      <h1>
        <Trans>This link does not work</Trans>
      </h1>
      <p>
        <Trans>
          It was used already, it is no longer valid, or a part of it is missing. If it came by e-mail, request it again
          on the page where you requested it. Otherwise ask an administrator for a new one.
        </Trans>
      </p>
      <Link className="button" to="/sign-in">
        <Trans>Sign in</Trans>
      </Link>
    </div>
  );
}

interface Props {
  token: string;
  link: OneTimeLink;
}

function ResetPassword({ token, link }: Props) {
  const reset = useResetPassword();
  const navigate = useNavigate();
  const refused = reset.error instanceof ApiError ? reset.error : null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("new"));
    const onSuccess = () => navigate("/problems", { replace: true });
    // The password is set, but the account has a second factor. The sign-in page asks for its code.
    const onError = (error: Error) => needsSecondFactor(error) && navigate("/sign-in", { replace: true });
    reset.mutate({ token, name: link.account, password }, { onSuccess, onError });
  };
  return (
    <>
      <h1>
        <Trans>New password for {link.account}</Trans>
      </h1>
      <p>
        <Trans>A new password signs out every browser that is signed in to this account.</Trans>
      </p>
      <form className="form" onSubmit={submit}>
        <input type="hidden" name="username" autoComplete="username" value={link.account} readOnly />
        <NewPasswordField error={refused?.fieldMessage("new_password")} />
        {reset.error ? <ErrorAlert error={reset.error} fields={["new_password"]} /> : null}
        <button type="submit" className="button primary" disabled={reset.isPending}>
          <Trans>Set it and sign in</Trans>
        </button>
      </form>
      <ValidUntil link={link} />
    </>
  );
}

function SignIn({ token, link }: Props) {
  const signIn = useSignInByLink();
  const returnToPage = useReturnAfterSignIn();
  const [asksCode, setAsksCode] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = new FormData(event.currentTarget).get("code");
    signIn.mutate(
      { link: token, ...(code ? { code: String(code).trim() } : {}) },
      {
        onSuccess: returnToPage,
        onError: (error) => needsSecondFactor(error) && setAsksCode(true),
      },
    );
  };
  return (
    <>
      <h1>
        <Trans>Sign in as {link.account}</Trans>
      </h1>
      <form className="form" onSubmit={submit}>
        {asksCode ? (
          <Field
            label={t`Code of your second factor`}
            name="code"
            autoComplete="one-time-code"
            required
            minLength={6}
          />
        ) : null}
        {signIn.error && !needsSecondFactor(signIn.error) ? <ErrorAlert error={signIn.error} /> : null}
        <button type="submit" className="button primary" disabled={signIn.isPending}>
          <Trans>Sign in</Trans>
        </button>
      </form>
      <ValidUntil link={link} />
    </>
  );
}

function VerifyEmail({ token, link }: Props) {
  const verify = useVerifyEmail();
  if (verify.isSuccess)
    return (
      <>
        <h1>
          <Trans>The address is verified</Trans>
        </h1>
        <Link className="button" to="/account">
          <Trans>To your account</Trans>
        </Link>
      </>
    );
  return (
    <>
      <h1>
        <Trans>Verify the e-mail address of {link.account}</Trans>
      </h1>
      {verify.error ? <ErrorAlert error={verify.error} /> : null}
      <button type="button" className="button primary" disabled={verify.isPending} onClick={() => verify.mutate(token)}>
        <Trans>Verify it</Trans>
      </button>
      <ValidUntil link={link} />
    </>
  );
}

function ValidUntil({ link }: { link: OneTimeLink }) {
  return (
    <p className="muted">
      <Trans>The link works once, until {formatDateTime(link.expires_at)}.</Trans>
    </p>
  );
}
