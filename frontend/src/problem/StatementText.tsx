import { Trans } from "@lingui/react/macro";
import { use, useLayoutEffect, useRef } from "react";
import type { Statement } from "../api/types";

type RenderFormulas = (container: HTMLElement) => void;
const CHEMISTRY = /\\(ce|pu)\b/;
const loading = new Map<boolean, Promise<RenderFormulas | null>>();
const NONE = Promise.resolve(null);

/** Loads KaTeX for the first statement with a formula; `null` when loading fails. */
function loadFormulaRenderer(html: string): Promise<RenderFormulas | null> {
  if (!html.includes("<math")) return NONE;
  const hasChemistry = CHEMISTRY.test(html);
  let renderer = loading.get(hasChemistry);
  if (!renderer) {
    renderer = import("./formulas")
      .then(async ({ renderFormulas, loadChemistry, loadFonts }) => {
        await Promise.all([loadFonts(), hasChemistry ? loadChemistry() : undefined]);
        return renderFormulas;
      })
      .catch(() => null);
    loading.set(hasChemistry, renderer);
  }
  return renderer;
}

/** The statement's HTML, sanitised by the server; formulas are rendered before it is shown. */
export function StatementText({ statement, slug }: { statement: Statement; slug: string }) {
  const container = useRef<HTMLDivElement>(null);
  const renderFormulas = use(loadFormulaRenderer(statement.html));
  useLayoutEffect(() => {
    if (!container.current) return;
    container.current.innerHTML = statement.html;
    renderFormulas?.(container.current);
  }, [statement.html, renderFormulas]);
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
  return <div className="prose" lang={statement.language} ref={container} />;
}
