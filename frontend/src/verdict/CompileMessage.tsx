import { t } from "@lingui/core/macro";
import { ScrollablePre } from "../components/ScrollablePre";
import { splitAtLocations } from "./sourceLocations";

export type GoTo = (line: number, column?: number) => void;

/** The compiler's message; source locations in it move the editor's cursor if there is an editor. */
export function CompileMessage({ text, goTo }: { text: string; goTo?: GoTo | undefined }) {
  return (
    <ScrollablePre className="compile-message" label={t`The compiler's message`}>
      {splitAtLocations(text).map((part, index) => {
        const key = index;
        const { line, column } = part;
        if (!goTo || line === undefined) return <span key={key}>{part.text}</span>;
        return (
          <button key={key} type="button" className="line-link" onClick={() => goTo(line, column)}>
            {part.text}
          </button>
        );
      })}
    </ScrollablePre>
  );
}
