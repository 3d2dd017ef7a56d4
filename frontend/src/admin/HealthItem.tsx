import { Trans } from "@lingui/react/macro";

interface HealthItemProps {
  name: string;
  value: string;
  note?: string;
  isHealthy?: boolean;
}

/** One value of the system's health. A screen reader also says when it needs attention. */
export function HealthItem({ name, value, note, isHealthy }: HealthItemProps) {
  const tone = isHealthy === undefined ? "" : isHealthy ? "health-good" : "health-bad";
  return (
    <div className={tone}>
      <dt>{name}</dt>
      <dd>
        {value} {note ? <small className="muted">{note}</small> : null}
        {isHealthy === false ? (
          <span className="visually-hidden">
            <Trans>, needs a look</Trans>
          </span>
        ) : null}
      </dd>
    </div>
  );
}
