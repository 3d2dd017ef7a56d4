import { t } from "@lingui/core/macro";
import type { Language, LanguageLimits } from "../api/types";
import { formatNumber } from "../lib/format";

interface Props {
  language: Language;
  limits: LanguageLimits | undefined;
}

/** What solvers should know about the chosen language: the factor of its time limit, and its note. May be empty. */
export function LanguageNote({ language, limits }: Props) {
  const factor = limits?.time_factor ?? 1;
  const extra = factor === 1 ? "" : t`The time limit is multiplied by ${formatNumber(factor)}.`;
  const text = [extra, language.note].filter(Boolean).join(" ");
  return text ? <p className="language-note muted small">{text}</p> : null;
}
