import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import type { FormEvent } from "react";
import type { CurrentAccount } from "../auth/queries";
import { CopyButton } from "../components/CopyButton";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { QueryBoundary } from "../components/QueryBoundary";
import {
  useBeginSecondFactor,
  useConfirmSecondFactor,
  useRenewRecoveryCodes,
  useSecondFactor,
  useTurnOffSecondFactor,
} from "./queries";

/** The second factor: a code of a device, asked for after the password. */
export function SecondFactor({ me }: { me: CurrentAccount }) {
  const factor = useSecondFactor();
  const confirm = useConfirmSecondFactor();
  return (
    <section aria-labelledby="factor-title">
      <h2 id="factor-title">
        <Trans>Second factor</Trans>
      </h2>
      <p className="muted">
        <Trans>After your password, signing in asks for a code that an app on your phone shows.</Trans>
      </p>
      {confirm.data && factor.data?.enabled ? <RecoveryCodes codes={confirm.data.recovery_codes} /> : null}
      <QueryBoundary query={factor} subject={t`the second factor`}>
        {({ enabled, required, recovery_codes_left }) => (
          <>
            {required && !enabled ? (
              <p role="note">
                <Trans>Administrators need a second factor here.</Trans>
              </p>
            ) : null}
            {enabled ? (
              <TurnOff left={recovery_codes_left} forgetFirst={confirm.reset} />
            ) : (
              <TurnOn me={me} confirm={confirm} />
            )}
          </>
        )}
      </QueryBoundary>
    </section>
  );
}

function TurnOn({ me, confirm }: { me: CurrentAccount; confirm: ReturnType<typeof useConfirmSecondFactor> }) {
  const begin = useBeginSecondFactor();
  const start = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = new FormData(event.currentTarget).get("password");
    begin.mutate(password ? { current_password: String(password) } : {});
  };
  const finish = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    confirm.mutate(String(new FormData(event.currentTarget).get("code")));
  };
  if (!begin.data)
    return (
      <form className="form account-form" onSubmit={start}>
        {me.has_password ? (
          <Field label={t`Password`} name="password" type="password" autoComplete="current-password" required />
        ) : null}
        {begin.error ? <ErrorAlert error={begin.error} /> : null}
        <div>
          <button type="submit" className="button" disabled={begin.isPending}>
            <Trans>Set up a second factor</Trans>
          </button>
        </div>
      </form>
    );
  return (
    <form className="form account-form" onSubmit={finish}>
      <p>
        <Trans>Scan this picture with your authenticator app, or type the secret into it:</Trans>
      </p>
      <img className="qr-code" src={begin.data.qr} alt={t`QR code of the secret`} />
      <div>
        <code>{begin.data.secret}</code> <CopyButton text={begin.data.secret} subject={t`the secret`} />
      </div>
      <Field
        label={t`Code that the app shows`}
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        minLength={6}
        maxLength={8}
      />
      {confirm.error ? <ErrorAlert error={confirm.error} /> : null}
      <div>
        <button type="submit" className="button" disabled={confirm.isPending}>
          <Trans>Turn it on</Trans>
        </button>
      </div>
    </form>
  );
}

function RecoveryCodes({ codes }: { codes: string[] }) {
  const text = codes.join("\n");
  return (
    <div className="new-key" role="status">
      <p>
        <Trans>
          The second factor is on. Keep these recovery codes: each replaces the app once. They are shown now and never
          again.
        </Trans>
      </p>
      <pre>{text}</pre>
      <CopyButton text={text} subject={t`the recovery codes`} />
    </div>
  );
}

/** Turns the second factor off, or makes new recovery codes. Both need a code. */
function TurnOff({ left, forgetFirst }: { left: number; forgetFirst: () => void }) {
  const turnOff = useTurnOffSecondFactor();
  const renew = useRenewRecoveryCodes();
  const error = turnOff.error ?? renew.error;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const pressed = (event.nativeEvent as SubmitEvent).submitter?.getAttribute("value");
    const form = event.currentTarget;
    const code = String(new FormData(form).get("code"));
    const onSuccess = () => {
      form.reset();
      forgetFirst(); // the first codes no longer work
    };
    if (pressed === "renew") renew.mutate(code, { onSuccess });
    else turnOff.mutate(code);
  };
  return (
    <form className="form account-form" onSubmit={submit}>
      <p>
        <Trans>It is on.</Trans>{" "}
        <Plural value={left} one="# recovery code is left." other="# recovery codes are left." />
      </p>
      {renew.data ? <RecoveryCodes codes={renew.data.recovery_codes} /> : null}
      <Field label={t`Code, to change this`} name="code" autoComplete="one-time-code" required minLength={6} />
      {error ? <ErrorAlert error={error} /> : null}
      <div className="actions">
        <button type="submit" className="button" name="act" value="off" disabled={turnOff.isPending}>
          <Trans>Turn it off</Trans>
        </button>{" "}
        <button type="submit" className="button" name="act" value="renew" disabled={renew.isPending}>
          <Trans>Make new recovery codes</Trans>
        </button>
      </div>
    </form>
  );
}
