import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Icon, type IconName } from "../components/Icon";
import type { ProblemState } from "./types";

const STATES: Record<ProblemState, { name: MessageDescriptor; tone: string; icon: IconName }> = {
  draft: { name: msg`draft`, tone: "neutral", icon: "dots" },
  verified: { name: msg`verified`, tone: "wait", icon: "check" },
  published: { name: msg`published`, tone: "good", icon: "check" },
  archived: { name: msg`archived`, tone: "neutral", icon: "output" },
};

/** The state of a problem as text with an icon; the colour only repeats it. */
export function StateBadge({ state }: { state: ProblemState }) {
  const { name, tone, icon } = STATES[state];
  return (
    <span className={`verdict tone-${tone}`}>
      <Icon name={icon} />
      {i18n._(name)}
    </span>
  );
}
