import type { Status } from "../api/types";
import { regionalLocale } from "../lib/i18n";

type Scored = Partial<Pick<Status, "verdict" | "score" | "max_score">>;

// The judge rounds scores to six decimals.
const SCORE_ERROR = 1e-6;
const SCORE_FORMAT: Intl.NumberFormatOptions = { maximumFractionDigits: 2 };

/** Whether a submission is accepted with less than the greatest score of the problem. */
export function isPartial({ verdict, score, max_score }: Scored): boolean {
  return verdict === "AC" && isLess(score, max_score);
}

/** Whether a best score is less than full marks; false where one of the two is not known. */
export function isLess(score: number | null | undefined, most: number | null | undefined): boolean {
  return typeof score === "number" && typeof most === "number" && score < most - SCORE_ERROR;
}

export function formatScore(score: number): string {
  return score.toLocaleString(regionalLocale(), SCORE_FORMAT);
}

/** The score and the greatest possible score, as "30 / 100". */
export function scoreText(score: number, most: number | null | undefined): string {
  return typeof most === "number" ? `${formatScore(score)} / ${formatScore(most)}` : formatScore(score);
}
