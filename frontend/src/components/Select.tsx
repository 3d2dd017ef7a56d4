import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
interface Props {
  label: ReactNode;
  value: string;
  choose: (value: string) => void;
  options: readonly (readonly [string, string])[];
  /** False where one of the options already means no filter. */
  hasAllOption?: boolean;
}

/** A labelled select, used as a filter of a list; the first option shows everything. */
export function Select({ label, value, choose, options, hasAllOption = true }: Props) {
  return (
    <label className="select-field">
      <span className="muted">{label}</span>
      <select className="input small" value={value} onChange={(event) => choose(event.target.value)}>
        {hasAllOption ? (
          <option value="">
            <Trans>all</Trans>
          </option>
        ) : null}
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
