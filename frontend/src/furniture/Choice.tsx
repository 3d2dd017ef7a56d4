interface Props {
  label: string;
  value: string;
  choose: (value: string) => void;
  options: readonly (readonly [string, string])[];
  /** False where one of the options stands for no choice. */
  hasAll?: boolean;
}

/** One filter of a list; without a choice everything is shown. */
export function Choice({ label, value, choose, options, hasAll = true }: Props) {
  return (
    <label className="choice">
      <span className="faint">{label}</span>
      <select className="input small" value={value} onChange={(event) => choose(event.target.value)}>
        {hasAll ? <option value="">all</option> : null}
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
