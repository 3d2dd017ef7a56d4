import { t } from "@lingui/core/macro";
import type { Language, LanguageLimits } from "../api/types";
import { formatNumber } from "../lib/format";

interface Props {
  language: Language;
  limits: LanguageLimits | undefined;
}

/** What is different in the chosen language: its time limit, and what it does not support. Empty
if nothing is different. */
export function LanguageNote({ language, limits }: Props) {
  const factor = limits?.time_factor ?? 1;
  const extra = factor === 1 ? "" : t`The time limit is multiplied by ${formatNumber(factor)}.`;
  const text = [extra, language.note].filter(Boolean).join(" ");
  return text ? <p className="language-note muted small">{text}</p> : null;
}
