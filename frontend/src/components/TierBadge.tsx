import { tierName } from "../lib/names";
import type { Tier } from "../api/types";

export function TierBadge({ tier }: { tier: Tier }) {
  return <span className={`tier tier-${tier}`}>{tierName(tier)}</span>;
}
