import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { QueryBoundary } from "../components/QueryBoundary";
import type { Edit, Edits } from "./edits";
import { useContent } from "./queries";
import { TestPicture } from "./TestPicture";
import { type Group, hasInputVisualizer, type Test } from "./tests";
import type { AuthoredProblem } from "./types";
import { YamlForm } from "./YamlForm";

interface Props {
  problem: AuthoredProblem;
  group: Group;
  test: Test;
  edits: Edits;
  edit: (path: string, change: Edit) => void;
  paths: readonly string[];
}

/** Input, answer, picture and settings of one test. */
export function TestEditor({ problem, group, test, edits, edit, paths }: Props) {
  const place = `${group.folder}/${test.name}`;
  const settings = `${place}.yaml`;
  const [isOpen, setOpen] = useState(test.files.includes(settings));
  return (
    <div className="test-editor">
      {[
        { path: `${place}.in`, label: t`Input of ${test.name}` },
        { path: `${place}.ans`, label: t`Answer of ${test.name}` },
      ].map(({ path, label }) => (
        <TextOf
          key={path}
          problem={problem}
          path={path}
          label={label}
          edit={edits.get(path)}
          isStored={test.files.includes(path)}
          change={(text) => edit(path, { text })}
        />
      ))}
      <TestPicture
        problem={problem}
        group={group}
        test={test}
        edits={edits}
        edit={edit}
        canDraw={hasInputVisualizer(paths)}
      />
      <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t`Settings of ${test.name}`}</summary>
        {isOpen ? (
          <YamlForm
            problem={problem}
            path={settings}
            edit={edits.get(settings) ?? (test.files.includes(settings) ? undefined : { text: "" })}
            change={(changed) => edit(settings, changed)}
          />
        ) : null}
      </details>
    </div>
  );
}

interface TextProps {
  problem: AuthoredProblem;
  path: string;
  label: string;
  edit: Edit | undefined;
  isStored: boolean;
  change: (text: string) => void;
}

function TextOf({ problem, path, label, edit, isStored, change }: TextProps) {
  const content = useContent(problem, { path, edit, isStored });
  return (
    <QueryBoundary query={content} subject={label}>
      {({ text }) =>
        text === null ? <NoText label={label} /> : <TextArea label={label} text={text} change={change} />
      }
    </QueryBoundary>
  );
}

function TextArea({ label, text, change }: { label: string; text: string; change: (text: string) => void }) {
  return (
    <label className="field">
      <span>{label}</span>
      <textarea
        className="input test-text"
        spellCheck={false}
        rows={Math.min(12, Math.max(3, text.split("\n").length))}
        value={text}
        onChange={(event) => change(event.target.value)}
      />
    </label>
  );
}

function NoText({ label }: { label: string }) {
  return (
    <p className="muted">
      {label}: <Trans>not text, or too long to be changed here. Upload a file of this name to replace it.</Trans>
    </p>
  );
}
