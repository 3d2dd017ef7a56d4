import { Trans } from "@lingui/react/macro";
import { useMutation } from "@tanstack/react-query";
import type { Language } from "../api/types";
import { useCurrentAccount } from "../auth/queries";
import { formatterOf, SHELL } from "../editor/formatters";
import { useLanguages } from "../problems/queries";

interface Props {
  language: Language;
  getText: () => string;
  replace: (text: string) => void;
}

/**
 * Formats the program, if a formatter of its language is known. The formatter runs in the sandbox, so only signed-in
 * users get the button.
 */
export function FormatButton({ language, getText, replace }: Props) {
  const format = useMutation({
    mutationFn: async (command: string) => {
      const { formatted } = await import("../editor/formatProgram");
      const before = getText();
      const after = await formatted(command, before);
      if (getText() === before && after !== before) replace(after);
    },
  });
  const me = useCurrentAccount().data;
  const languages = useLanguages().data;
  const command = formatterOf(language.id);
  if (!me || !command || !languages?.some((each) => each.id === SHELL && each.available)) return null;
  return (
    <>
      <span role="status" className="format-note">
        {format.error?.message}
      </span>
      <button
        type="button"
        className="button quiet small"
        disabled={format.isPending}
        onClick={() => format.mutate(command)}
      >
        <Trans>Format</Trans>
      </button>
    </>
  );
}
