import { use, useLayoutEffect, useRef } from "react";
import type { Statement } from "../wire/types";

type Typeset = (place: HTMLElement) => void;
let loading: Promise<Typeset | null> | undefined;
const NONE = Promise.resolve(null);

/** KaTeX, fetched with the first statement that has a formula; `null` where it cannot be had. */
function typesetterFor(html: string): Promise<Typeset | null> {
  if (!html.includes("<math")) return NONE;
  loading ??= import("./formulas")
    .then(async ({ typeset, fetchLetters }) => {
      await fetchLetters();
      return typeset;
    })
    .catch(() => null);
  return loading;
}

/** The statement's HTML, made and sanitised on the server; its formulas are drawn before it is seen. */
export function StatementText({ statement, slug }: { statement: Statement; slug: string }) {
  const place = useRef<HTMLDivElement>(null);
  const typeset = use(typesetterFor(statement.html));
  useLayoutEffect(() => {
    if (!place.current) return;
    place.current.innerHTML = statement.html;
    typeset?.(place.current);
  }, [statement.html, typeset]);
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
