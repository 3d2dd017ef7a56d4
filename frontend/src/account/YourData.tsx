import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useRef } from "react";
import type { CurrentAccount } from "../auth/queries";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { formatDateTime } from "../lib/format";
import { useKeepAccount, useRequestDeletion } from "./queries";

/** The download of all data of the account, and its deletion. */
export function YourData({ me }: { me: CurrentAccount }) {
  return (
    <section aria-labelledby="data-title">
      <h2 id="data-title">
        <Trans>Your data</Trans>
      </h2>
      <p>
        <a className="button" href="/me/export" download>
          <Trans>Download all your data</Trans>
        </a>
      </p>
      {me.deletion_due ? <DeletionDue due={me.deletion_due} /> : <DeleteAccount me={me} />}
    </section>
  );
}

function DeletionDue({ due }: { due: string }) {
  const keep = useKeepAccount();
  return (
    <div className="new-key" role="status">
      <p>
        <Trans>This account will be deleted on {formatDateTime(due)}.</Trans>
      </p>
      {keep.error ? <ErrorAlert error={keep.error} /> : null}
      <button type="button" className="button" disabled={keep.isPending} onClick={() => keep.mutate()}>
        <Trans>Keep the account</Trans>
      </button>
    </div>
  );
}

function DeleteAccount({ me }: { me: CurrentAccount }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const request = useRequestDeletion();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = new FormData(event.currentTarget).get("password");
    request.mutate(password ? { current_password: String(password) } : {}, {
      onSuccess: () => dialog.current?.close(),
    });
  };
  return (
    <>
      <button type="button" className="button" onClick={() => dialog.current?.showModal()}>
        <Trans>Delete this account</Trans>
      </button>
      <dialog ref={dialog} className="dialog" aria-label={t`Delete this account?`}>
        <form className="form" onSubmit={submit}>
          <h2>
            <Trans>Delete this account?</Trans>
          </h2>
          <p>
            <Trans>
              The account is deleted after some days; until then you can withdraw the request here. These stay, without
              the name of the account: your submissions to problems, your results in events, your comments, problems and
              events that you made, and entries of the audit log. Your other data is deleted permanently.
            </Trans>
          </p>
          {me.has_password ? (
            <Field label={t`Password`} name="password" type="password" autoComplete="current-password" required />
          ) : null}
          {request.error ? <ErrorAlert error={request.error} /> : null}
          <div className="dialog-buttons">
            <button type="button" className="button" onClick={() => dialog.current?.close()}>
              <Trans>Keep the account</Trans>
            </button>
            <button type="submit" className="button danger" disabled={request.isPending}>
              <Trans>Delete</Trans>
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
