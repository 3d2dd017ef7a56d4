import type { EventRules } from "./types";

/** The rules as the fields of the form: each list is one text. */
export interface RulesDraft {
  scoring: EventRules["scoring"];
  freeze: string;
  length: string;
  exam: boolean;
  mode: string;
  tokens: string;
  late: string;
  tries: string;
  languages: string;
  feedback: string;
  standings: string;
  networks: string;
  oneAddress: boolean;
  grades: string;
}

/** Patterns of fields with pairs, such as `60: 80, 120: 50`. */
export const LATE_PATTERN = "\\s*(\\d+\\s*:\\s*\\d+\\s*(,\\s*\\d+\\s*:\\s*\\d+\\s*)*)?";
/** A grade may have commas and colons: the next pair begins at a comma before a number with a colon. */
export const GRADES_PATTERN = "\\s*([0-9.]+\\s*:\\s*\\S.*)?";
const NEXT_PAIR = /,(?=\s*[0-9.]+\s*:)/;

export function draftOf(rules: EventRules | undefined): RulesDraft {
  return {
    scoring: rules?.scoring ?? "icpc",
    freeze: String(rules?.freeze_minutes ?? 0),
    length: String(rules?.length_minutes ?? ""),
    exam: rules?.exam ?? false,
    mode: rules?.ioi.mode ?? "best",
    tokens: String(rules?.ioi.tokens ?? 2),
    late: (rules?.late ?? []).map((step) => `${step.minutes}: ${step.percent}`).join(", "),
    tries: String(rules?.max_tries ?? ""),
    languages: (rules?.languages ?? []).join(" "),
    feedback: rules?.feedback ?? "all",
    standings: rules?.standings ?? "all",
    networks: (rules?.networks ?? []).join(" "),
    oneAddress: rules?.one_address ?? false,
    grades: (rules?.grades ?? []).map((step) => `${step.points}: ${step.grade}`).join(", "),
  };
}

/** The rules for the API. Rules without a field in the form stay as they were. */
export function rulesFrom(draft: RulesDraft, before?: EventRules): Record<string, unknown> {
  const isIoi = draft.scoring === "ioi";
  return {
    ...before,
    scoring: draft.scoring,
    ioi: { ...before?.ioi, mode: draft.mode, tokens: Number(draft.tokens) },
    freeze_minutes: Number(draft.freeze),
    length_minutes: draft.length ? Number(draft.length) : null,
    late: isIoi
      ? pairs(draft.late).map(([minutes, percent]) => ({ minutes: Number(minutes), percent: Number(percent) }))
      : [],
    max_tries: draft.tries ? Number(draft.tries) : null,
    languages: words(draft.languages),
    exam: draft.exam,
    standings: draft.standings,
    feedback: draft.feedback,
    networks: words(draft.networks),
    one_address: draft.oneAddress,
    grades: pairs(draft.grades).map(([points, grade]) => ({ points: Number(points), grade })),
  };
}

/** Whether the form has changed no rule. Then none is sent: the server would replace all. */
export function areSame(draft: RulesDraft, rules: EventRules): boolean {
  return JSON.stringify(rulesFrom(draft, rules)) === JSON.stringify(rules);
}

export function words(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

/** The pairs of a text such as `60: 80, 120: 50`. */
function pairs(text: string): [string, string][] {
  return text
    .split(NEXT_PAIR)
    .filter((each) => each.trim())
    .map((each) => {
      const [left = "", ...right] = each.split(":");
      return [left.trim(), right.join(":").trim()];
    });
}
