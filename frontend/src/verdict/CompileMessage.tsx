import { LongText } from "../furniture/LongText";
import { cutAtPlaces } from "./sourceLines";

export type GoTo = (line: number, column?: number) => void;

/** The compiler's words as it wrote them; the places it names lead into the editor where there is one. */
export function CompileMessage({ text, goTo }: { text: string; goTo?: GoTo | undefined }) {
  return (
    <LongText className="compiler" label="The compiler's message">
      {cutAtPlaces(text).map((piece, place) => {
        const key = place;
        const { line, column } = piece;
        if (!goTo || line === undefined) return <span key={key}>{piece.text}</span>;
        return (
          <button key={key} type="button" className="line-link" onClick={() => goTo(line, column)}>
            {piece.text}
          </button>
        );
      })}
    </LongText>
  );
}
