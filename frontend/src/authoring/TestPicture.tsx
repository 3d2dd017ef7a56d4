import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ErrorAlert } from "../components/ErrorAlert";
import { base64Of, type Edit, type Edits } from "./edits";
import { useDrawnTest, useFileContent } from "./queries";
import { pictureOf, pictureType } from "./tests";
import type { Group, Test } from "./tests";
import type { AuthoredProblem } from "./types";

interface Props {
  problem: AuthoredProblem;
  group: Group;
  test: Test;
  edits: Edits;
  edit: (path: string, change: Edit) => void;
  /** Whether the package has an input visualizer. */
  canDraw: boolean;
}

/** The picture beside a test, and a new picture by the package's input visualizer. */
export function TestPicture({ problem, group, test, edits, edit, canDraw }: Props) {
  const place = `${group.folder}/${test.name}`;
  const stored = pictureOf(test, group.folder);
  const draw = useDrawnTest(problem.slug, problem.newest);
  const drawn = draw.data;
  if (!stored && !canDraw) return null;
  return (
    <section className="test-picture" aria-label={t`Picture of ${test.name}`}>
      {stored ? <StoredPicture problem={problem} path={stored} edit={edits.get(stored)} name={test.name} /> : null}
      {drawn?.base64 ? (
        <figure>
          <img src={`data:${pictureType(drawn.name)};base64,${drawn.base64}`} alt={t`Test ${test.name}, drawn now`} />
          <figcaption>
            <button
              type="button"
              className="button small"
              onClick={() => edit(`${place}.${drawn.name.split(".").at(-1)}`, { base64: drawn.base64 ?? "" })}
            >
              <Trans>Keep it beside the test</Trans>
            </button>
          </figcaption>
        </figure>
      ) : null}
      {drawn && !drawn.base64 ? <p className="field-error">{drawn.fault}</p> : null}
      {draw.error ? <ErrorAlert error={draw.error} /> : null}
      {canDraw ? (
        <p>
          <button
            type="button"
            className="button small"
            disabled={draw.isPending}
            onClick={() => draw.mutate(place.replace(/^data\//, ""))}
          >
            {draw.isPending ? <Trans>It is drawn …</Trans> : <Trans>Draw it with the input visualizer</Trans>}
          </button>{" "}
          <span className="muted small">
            <Trans>The picture shows the test of the saved version. Judging does not read pictures.</Trans>
          </span>
        </p>
      ) : null}
    </section>
  );
}

interface StoredProps {
  problem: AuthoredProblem;
  path: string;
  edit: Edit | undefined;
  name: string;
}

function StoredPicture({ problem, path, edit, name }: StoredProps) {
  const source = edit && "from" in edit ? edit.from : path;
  const isNew = edit !== undefined && "base64" in edit;
  const content = useFileContent(problem.slug, problem.newest, source, !isNew);
  const base64 = isNew ? edit.base64 : content.data ? base64Of(content.data) : null;
  if (base64 === null) return null;
  return (
    <figure>
      <img src={`data:${pictureType(path)};base64,${base64}`} alt={t`Test ${name}, as it is kept`} />
      <figcaption className="muted small">{path}</figcaption>
    </figure>
  );
}
