import { t } from "@lingui/core/macro";
import type { Language, LanguageLimits } from "../api/types";
import { formatNumber } from "../lib/format";

interface Props {
  languages: Language[];
  language: Language;
  limits: LanguageLimits | undefined;
  choose: (id: string) => void;
}

/** Lists the languages with the version that judges; an unavailable language shows the reason. The tooltip has the limits. */
export function LanguageSelect({ languages, language, limits, choose }: Props) {
  return (
    <div className="language-select">
      <select
        className="input small"
        aria-label={t`Language`}
        value={language.id}
        onChange={(event) => choose(event.target.value)}
      >
        {languages.map((each) => (
          <option key={each.id} value={each.id} disabled={!each.available}>
            {each.name}
            {each.available ? "" : t` (not available)`}
          </option>
        ))}
      </select>
      <span
        className="language-version muted"
        title={[limits && limitsText(limits), language.note].filter(Boolean).join("\n") || undefined}
      >
        {language.version ?? language.reason ?? ""}
      </span>
    </div>
  );
}

function limitsText({ time, memory }: LanguageLimits): string {
  return [time && t`${formatNumber(time)} s`, t`${memory} MiB`].filter(Boolean).join(", ");
}
