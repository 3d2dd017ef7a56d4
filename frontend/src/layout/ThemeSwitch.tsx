import { Icon, type IconName } from "../components/Icon";
import { type Theme, useTheme } from "../theme/useTheme";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICON: Record<Theme, IconName> = { system: "screen", light: "sun", dark: "moon" };
const NAME: Record<Theme, string> = { system: "as the system", light: "light", dark: "dark" };

export function ThemeSwitch() {
  const { theme, choose } = useTheme();
  const label = `Colours: ${NAME[theme]}. Change to ${NAME[NEXT[theme]]}`;
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
