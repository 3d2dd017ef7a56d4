import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { TestVerdict } from "../verdict/VerdictBadge";
import type { EventTry } from "./types";

export function TryVerdict({ each }: { each: Pick<EventTry, "verdict" | "state" | "disqualified"> }) {
  if (each.disqualified) return <>{t`disqualified: ${each.disqualified}`}</>;
  if (each.state === "void") return <Trans>does not count</Trans>;
  if (!each.verdict && each.state === "judged") return <Trans>shown after the end</Trans>;
  if (!each.verdict) return <Trans>is judged</Trans>;
  return <TestVerdict verdict={each.verdict} />;
}
