import { t } from "@lingui/core/macro";
import { ScrollablePre } from "../components/ScrollablePre";
import { splitAtLocations } from "./sourceLocations";

export type GoTo = (line: number, column?: number) => void;

interface Props {
  text: string;
  /** A title for the text, if it is not a message of the compiler. */
  title?: string;
  goTo?: GoTo | undefined;
}

/** A message of the compiler or a traceback; source locations in it move the editor's cursor if there is an editor. */
export function CompileMessage({ text, title, goTo }: Props) {
  const message = (
    <ScrollablePre className="compile-message" label={title ?? t`The compiler's message`}>
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
  if (!title) return message;
  return (
    <figure className="text-block">
      <figcaption>{title}</figcaption>
      {message}
    </figure>
  );
}
