import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { useMaintenance } from "../layout/useMaintenance";
import { useChangeMaintenance } from "./queries";
import type { Maintenance } from "../api/types";

/** Sets the banner, and whether submissions are judged, held or refused. */
export function MaintenanceForm() {
  const state = useMaintenance().data;
  return state ? <Form key={state.since ?? ""} state={state} /> : null;
}

function Form({ state }: { state: Maintenance }) {
  const [mode, setMode] = useState(state.mode);
  const [message, setMessage] = useState(state.message);
  const change = useChangeMaintenance();
  return (
    <section aria-labelledby="maintenance-title">
      <h2 id="maintenance-title">
        <Trans>Maintenance</Trans>
      </h2>
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ mode, message });
        }}
      >
        <label className="select-field">
          <span className="muted">
            <Trans>New submissions</Trans>
          </span>
          <select
            className="input small"
            value={mode}
            onChange={(event) => setMode(event.target.value as Maintenance["mode"])}
          >
            <option value="open">{t`are judged`}</option>
            <option value="hold">{t`are held`}</option>
            <option value="refuse">{t`are refused`}</option>
          </select>
        </label>
        <label className="select-field">
          <span className="muted">
            <Trans>The pages say</Trans>
          </span>
          <input
            className="input small"
            value={message}
            maxLength={500}
            placeholder={t`nothing`}
            onChange={(event) => setMessage(event.target.value)}
          />
        </label>
        <button type="submit" className="button small" disabled={change.isPending}>
          <Trans>Set</Trans>
        </button>
      </form>
    </section>
  );
}
