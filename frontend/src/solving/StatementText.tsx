import { useEffect, useRef } from "react";
import type { Statement } from "../wire/types";

/** The statement's HTML, made and sanitised on the server; its formulas are MathML, which browsers typeset. */
export function StatementText({ statement, slug }: { statement: Statement; slug: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current) place.current.innerHTML = statement.html;
  }, [statement.html]);
  if (statement.pdf) {
    const file = `/problems/${encodeURIComponent(slug)}/files/${encodeURIComponent(statement.pdf)}`;
    return (
      <p>
        The statement is a <a href={file}>PDF file</a>.
      </p>
    );
  }
  return <div className="prose" lang={statement.language} ref={place} />;
}
