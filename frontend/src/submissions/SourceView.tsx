import { lazy, type Ref, Suspense, useId } from "react";
import type { EditorHandle } from "../editor/CodeEditor";
import { CopyButton } from "../furniture/CopyButton";
import { LongText } from "../furniture/LongText";
import { useLanguages } from "../problems/queries";
import type { Submission } from "../wire/types";

const CodeEditor = lazy(() => import("../editor/CodeEditor"));
const nothing = () => {};

/** The source with line numbers and colours, to be read; plain text until the editor is here. */
export function SourceView({ submission, handle }: { submission: Submission; handle: Ref<EditorHandle> }) {
  const languages = useLanguages().data;
  const language = languages?.find((each) => each.id === submission.language);
  const help = useId();
  const { source } = submission;
  return (
    <figure className="block source-view">
      <figcaption>
        Source
        <CopyButton text={source} what="source" />
      </figcaption>
      <p id={help} className="hidden">
        This text cannot be changed. To leave it by keyboard press Escape, then Tab.
      </p>
      <Suspense fallback={<LongText label="Source">{source}</LongText>}>
        <CodeEditor
          key={submission.id}
          text={source}
          mode={language?.editor_mode ?? ""}
          fontSize={14}
          label="Source"
          describedBy={help}
          changed={nothing}
          run={nothing}
          submit={nothing}
          handle={handle}
          readOnly
        />
      </Suspense>
    </figure>
  );
}
