import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { Field } from "../components/Field";
import { QueryBoundary } from "../components/QueryBoundary";
import { base64Of, type Edit, partOf, textOf } from "./edits";
import { useFileContent } from "./queries";
import type { AuthoredProblem } from "./types";

interface Props {
  problem: AuthoredProblem;
  path: string;
  isStored: boolean;
  edit: Edit | undefined;
  change: (content: Edit) => void;
  rename: (to: string, content: Edit) => void;
  remove: () => void;
  taken: readonly string[];
}

/** One file: its text, to be changed; renaming and deleting it. */
export function FileEditor(props: Props) {
  const { problem, path, isStored, edit } = props;
  const needsContent = edit === undefined && isStored;
  const stored = useFileContent(problem.slug, problem.newest, path, needsContent);
  if (!needsContent) return <Content {...props} edit={edit ?? { text: "" }} />;
  return (
    <QueryBoundary query={stored} subject={t`the file`}>
      {(content) => <StoredContent {...props} content={content} />}
    </QueryBoundary>
  );
}

function StoredContent({ content, ...props }: Props & { content: ArrayBuffer }) {
  const text = textOf(content);
  return text === null ? <Binary {...props} content={content} /> : <Content {...props} edit={{ text }} />;
}

function Content({ edit, ...props }: Props & { edit: Edit }) {
  const { path, change } = props;
  return (
    <>
      <FileHead {...props} content={async () => edit} />
      {"text" in edit ? (
        <textarea
          className={partOf(path) === "statement" ? "input file-text file-prose" : "input file-text"}
          aria-label={t`Content of ${path}`}
          spellCheck={false}
          value={edit.text}
          onChange={(event) => change({ text: event.target.value })}
        />
      ) : (
        <NotEditable />
      )}
    </>
  );
}

function Binary({ content, ...props }: Props & { content: ArrayBuffer }) {
  return (
    <>
      <FileHead {...props} content={async () => ({ base64: await base64Of(content) })} />
      <NotEditable />
    </>
  );
}

function NotEditable() {
  return (
    <p className="muted">
      <Trans>It is no text, or too long to be changed here. Upload a file of this name to replace it.</Trans>
    </p>
  );
}

interface HeadProps extends Omit<Props, "change" | "edit"> {
  content: () => Promise<Edit>;
}

function FileHead({ path, rename, remove, taken, content }: HeadProps) {
  const [name, setName] = useState(path);
  const isTaken = name !== path && taken.includes(name);
  return (
    <form
      className="form form-row"
      onSubmit={(event) => {
        event.preventDefault();
        if (name && name !== path && !isTaken) void content().then((found) => rename(name, found));
      }}
    >
      <Field
        label={t`Path`}
        value={name}
        error={isTaken ? t`There is such a file already.` : undefined}
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
