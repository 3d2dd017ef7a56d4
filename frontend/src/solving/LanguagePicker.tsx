import type { Language } from "../wire/types";

interface Props {
  languages: Language[];
  language: Language;
  choose: (id: string) => void;
}

/** The languages with the exact version that will judge; what cannot be had here says why. */
export function LanguagePicker({ languages, language, choose }: Props) {
  return (
    <div className="language-picker">
      <select
        className="input small"
        aria-label="Language"
        value={language.id}
        onChange={(event) => choose(event.target.value)}
      >
        {languages.map((each) => (
          <option key={each.id} value={each.id} disabled={!each.available}>
            {each.name}
            {each.available ? "" : " (not available)"}
          </option>
        ))}
      </select>
      <span className="language-version faint" title={language.version ?? language.reason ?? ""}>
        {language.version ?? language.reason ?? ""}
      </span>
    </div>
  );
}
