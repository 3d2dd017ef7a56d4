import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { type TimedEvent, useJoin } from "./queries";

export function JoinHere({ event }: { event: TimedEvent }) {
  const join = useJoin();
  const [password, setPassword] = useState("");
  const submit = (form: FormEvent) => {
    form.preventDefault();
    join.mutate({ slug: event.slug, password });
  };
  return (
    <form onSubmit={submit} className="event-fields">
      {event.joining === "password" ? (
        <Field
          label={t`Password of the event`}
          type="password"
          autoComplete="off"
          required
          value={password}
          onChange={(e) => setPassword(e.target.value)}
        />
      ) : null}
      {join.error ? <ErrorAlert error={join.error} /> : null}
      <button type="submit" className="button primary" disabled={join.isPending}>
        <Trans>Join the event</Trans>
      </button>
    </form>
  );
}
