import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg, t } from "@lingui/core/macro";
import { Icon, type IconName } from "../components/Icon";
import { type Theme, useTheme } from "../theme/useTheme";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICON: Record<Theme, IconName> = { system: "screen", light: "sun", dark: "moon" };
const NAME: Record<Theme, MessageDescriptor> = { system: msg`as the system`, light: msg`light`, dark: msg`dark` };

export function ThemeSwitch() {
  const { theme, choose } = useTheme();
  const label = t`Colours: ${i18n._(NAME[theme])}. Change to ${i18n._(NAME[NEXT[theme]])}`;
  return (
    <button
      type="button"
      className="button quiet icon-only"
      onClick={() => choose(NEXT[theme])}
      aria-label={label}
      title={label}
    >
      <Icon name={ICON[theme]} />
    </button>
  );
}
