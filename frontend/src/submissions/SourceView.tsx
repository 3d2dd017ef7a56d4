import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { lazy, type Ref, Suspense, useId, useState } from "react";
import type { EditorHandle } from "../editor/CodeEditor";
import { ErrorBoundary } from "../components/ErrorBoundary";
import { CopyButton } from "../components/CopyButton";
import { ScrollablePre } from "../components/ScrollablePre";
import { useLanguages } from "../problems/queries";
import type { Submission } from "../api/types";

const CodeEditor = lazy(() => import("../editor/CodeEditor"));
const ignore = () => {};
type Shown = Pick<Submission, "id" | "language" | "source" | "files">;

/** The source, read-only, with line numbers and colours; plain text while the editor loads. */
export function SourceView({ submission, handle }: { submission: Shown; handle: Ref<EditorHandle> }) {
  const languages = useLanguages().data;
  const language = languages?.find((each) => each.id === submission.language);
  const help = useId();
  const files = submission.files ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const main = files.find((file) => file.content === submission.source)?.name;
  const open = chosen ?? main ?? files[0]?.name;
  const source = files.find((file) => file.name === open)?.content ?? submission.source;
  const plain = <ScrollablePre label={t`Source`}>{source}</ScrollablePre>;
  return (
    <figure className="text-block source-view">
      <figcaption>
        <Trans>Source</Trans>
        {files.length > 0 ? (
          <select
            className="input small"
            aria-label={t`File`}
            value={open}
            onChange={(event) => setChosen(event.target.value)}
          >
            {files.map((file) => (
              <option key={file.name}>{file.name}</option>
            ))}
          </select>
        ) : null}
        <CopyButton text={source} subject={t`source`} />
      </figcaption>
      <p id={help} className="visually-hidden">
        <Trans>This text cannot be changed. To leave it by keyboard press Escape, then Tab.</Trans>
      </p>
      <ErrorBoundary fallback={plain}>
        <Suspense fallback={plain}>
          <CodeEditor
            key={`${submission.id} ${open}`}
            text={source}
            mode={language?.editor_mode ?? ""}
            fontSize={14}
            label={t`Source`}
            describedBy={help}
            onChange={ignore}
            onRun={ignore}
            onSubmit={ignore}
            handle={handle}
            readOnly
          />
        </Suspense>
      </ErrorBoundary>
    </figure>
  );
}
