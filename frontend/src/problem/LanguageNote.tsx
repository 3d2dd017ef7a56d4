import { t } from "@lingui/core/macro";
import type { Language, LanguageLimits } from "../api/types";
import { formatNumber } from "../lib/format";

interface Props {
  language: Language;
  limits: LanguageLimits | undefined;
}

/** Shows the factor of the chosen language's time limit, and its note. Shows nothing if there is neither. */
export function LanguageNote({ language, limits }: Props) {
  const factor = limits?.time_factor ?? 1;
  const extra = factor === 1 ? "" : t`The time limit is multiplied by ${formatNumber(factor)}.`;
  const text = [extra, language.note].filter(Boolean).join(" ");
  return text ? <p className="language-note muted small">{text}</p> : null;
}
