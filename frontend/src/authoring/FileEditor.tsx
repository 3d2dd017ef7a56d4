import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { Field } from "../components/Field";
import { QueryBoundary } from "../components/QueryBoundary";
import { type Edit, partOf } from "./edits";
import { useContent } from "./queries";
import type { AuthoredProblem } from "./types";

interface Props {
  problem: AuthoredProblem;
  path: string;
  isStored: boolean;
  edit: Edit | undefined;
  change: (content: Edit) => void;
  rename: (to: string) => void;
  remove: () => void;
  taken: readonly string[];
}

/** Shows one file, whose text can be changed. The file can also be renamed and deleted. */
export function FileEditor(props: Props) {
  const { problem, path } = props;
  const content = useContent(problem, props);
  return (
    <QueryBoundary query={content} subject={t`the file`}>
      {({ text }) => <Content key={path} {...props} text={text} />}
    </QueryBoundary>
  );
}

function Content({ text, ...props }: Props & { text: string | null }) {
  const { path, change } = props;
  return (
    <>
      <FileHead {...props} />
      {text !== null ? (
        <textarea
          className={partOf(path) === "statement" ? "input file-text file-prose" : "input file-text"}
          aria-label={t`Content of ${path}`}
          spellCheck={false}
          value={text}
          onChange={(event) => change({ text: event.target.value })}
        />
      ) : (
        <NotEditable />
      )}
    </>
  );
}

function NotEditable() {
  return (
    <p className="muted">
      <Trans>It is not text, or it is too long to be changed here. Upload a file of this name to replace it.</Trans>
    </p>
  );
}

function FileHead({ path, rename, remove, taken }: Omit<Props, "change" | "edit">) {
  const [name, setName] = useState(path);
  const isTaken = name !== path && taken.includes(name);
  return (
    <form
      className="form form-row"
      onSubmit={(event) => {
        event.preventDefault();
        if (name && name !== path && !isTaken) rename(name);
      }}
    >
      <Field
        label={t`Path`}
        value={name}
        error={isTaken ? t`A file with this name exists already.` : undefined}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="actions">
        <button type="submit" className="button small" disabled={name === path || isTaken}>
          <Trans>Rename</Trans>
        </button>
        <button type="button" className="button small danger" onClick={remove}>
          <Trans>Delete this file</Trans>
        </button>
      </div>
    </form>
  );
}
