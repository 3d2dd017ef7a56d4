import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { FormEvent } from "react";
import { ApiError } from "../api/ApiError";
import type { CurrentAccount } from "../auth/queries";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { useSendVerification, useSetEmail, useSetNoticeMails } from "./queries";

/** The e-mail address of the account: optional, and verified by a link. */
export function Email({ me }: { me: CurrentAccount }) {
  const change = useSetEmail();
  const refused = change.error instanceof ApiError ? change.error : null;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const current = me.has_password ? { current_password: String(form.get("password")) } : {};
    change.mutate({ email: String(form.get("email")).trim() || null, ...current });
  };
  return (
    <section aria-labelledby="email-title">
      <h2 id="email-title">
        <Trans>E-mail</Trans>
      </h2>
      <p className="muted">
        <Trans>You may give an address. Once it is verified, a lost password can be reset by e-mail.</Trans>
      </p>
      <form className="form account-form" onSubmit={submit} key={me.email}>
        <Field
          label={t`E-mail address`}
          name="email"
          type="email"
          autoComplete="email"
          maxLength={254}
          defaultValue={me.email ?? ""}
          error={refused?.fieldMessage("email")}
        />
        {me.has_password ? (
          <Field
            label={t`Your password`}
            name="password"
            type="password"
            autoComplete="current-password"
            required
            error={refused?.fieldMessage("current_password")}
          />
        ) : null}
        {change.error && !refused?.fieldErrors.length ? <ErrorAlert error={change.error} /> : null}
        <div>
          <button type="submit" className="button" disabled={change.isPending}>
            <Trans>Save the address</Trans>
          </button>{" "}
          <span role="status">{change.data?.sent ? t`Open the link that was sent to it.` : ""}</span>
        </div>
      </form>
      {me.email ? <Verification isVerified={me.email_verified} /> : null}
      <NoticeMails isOn={me.notice_mails} />
    </section>
  );
}

/** Whether notices, such as that of a rejudged submission, come by e-mail too. */
function NoticeMails({ isOn }: { isOn: boolean }) {
  const change = useSetNoticeMails();
  return (
    <>
      <label>
        <input
          type="checkbox"
          checked={change.isPending ? change.variables : isOn}
          onChange={(event) => change.mutate(event.target.checked)}
        />{" "}
        <Trans>Send notices about my submissions and events to the verified address too</Trans>
      </label>
      {change.error ? <ErrorAlert error={change.error} /> : null}
    </>
  );
}

function Verification({ isVerified }: { isVerified: boolean }) {
  const send = useSendVerification();
  if (isVerified)
    return (
      <p>
        <Trans>This address is verified.</Trans>
      </p>
    );
  return (
    <div>
      <p>
        <Trans>This address is not verified yet.</Trans>{" "}
        <button type="button" className="button small" disabled={send.isPending} onClick={() => send.mutate()}>
          <Trans>Send the link again</Trans>
        </button>{" "}
        <span role="status">{send.isSuccess ? t`The link is on its way.` : ""}</span>
      </p>
      {send.error ? <ErrorAlert error={send.error} /> : null}
    </div>
  );
}
