import { Trans } from "@lingui/react/macro";
import { useLayoutEffect, useRef } from "react";
import { removeFirstPaint } from "../lib/firstPaint";
import { directionOf } from "../lib/i18n";
import type { Statement } from "../api/types";

const CHEMISTRY = /\\(ce|pu)\b/;

/** Renders formulas with KaTeX once it is loaded. Until then, and without KaTeX, the browser shows their MathML. */
async function renderWhenLoaded(container: HTMLElement, html: string, isShown: () => boolean): Promise<void> {
  const { renderFormulas, loadChemistry, loadFonts } = await import("./formulas");
  await Promise.all([loadFonts(), CHEMISTRY.test(html) ? loadChemistry() : undefined]);
  if (isShown()) renderFormulas(container);
}

/** The statement's HTML, sanitised by the server. It is shown at once; formulas become KaTeX's when that is loaded. */
export function StatementText({ statement, slug }: { statement: Statement; slug: string }) {
  const container = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const shown = container.current;
    if (shown) shown.innerHTML = statement.html;
    removeFirstPaint();
    let isCurrent = true;
    if (shown && statement.html.includes("<math"))
      void renderWhenLoaded(shown, statement.html, () => isCurrent).catch(() => {
        // KaTeX could not be loaded: the MathML stays.
      });
    return () => {
      isCurrent = false;
    };
  }, [statement.html]);
  if (statement.pdf) {
    const file = `/problems/${encodeURIComponent(slug)}/files/${encodeURIComponent(statement.pdf)}`;
    return (
      <p>
        <Trans>
          The statement is a <a href={file}>PDF file</a>.
        </Trans>
      </p>
    );
  }
  return <div className="prose" lang={statement.language} dir={directionOf(statement.language)} ref={container} />;
}
