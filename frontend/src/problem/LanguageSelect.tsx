import { t } from "@lingui/core/macro";
import type { Language } from "../api/types";

interface Props {
  languages: Language[];
  language: Language;
  choose: (id: string) => void;
}

/** Lists the languages with the version that judges; an unavailable language shows the reason. */
export function LanguageSelect({ languages, language, choose }: Props) {
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
      <span className="language-version muted" title={language.note ?? language.version ?? undefined}>
        {language.version ?? language.reason ?? ""}
      </span>
    </div>
  );
}
