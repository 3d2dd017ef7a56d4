import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type ChangeEvent, type FormEvent, useState } from "react";
import { Field } from "../components/Field";
import { base64Of, type Edit, type Edits, textOf } from "./edits";
import { type Group, groupsOf, isValidName, nextName, renamesOf, reordered, type Test, uploadedName } from "./tests";
import { TestEditor } from "./TestEditor";
import type { AuthoredProblem } from "./types";
import { YamlForm } from "./YamlForm";

const SHOWN_AT_FIRST = 50;

export interface TestsProps {
  problem: AuthoredProblem;
  paths: readonly string[];
  edits: Edits;
  edit: (path: string, change: Edit) => void;
  remove: (paths: readonly string[]) => void;
  rename: (renames: ReadonlyMap<string, string>) => void;
}

/** Forms to add, change, reorder, upload and move samples and tests, and to change the settings of their groups. */
export function TestsForm(props: TestsProps) {
  const groups = groupsOf(props.paths);
  return (
    <div className="tests-form">
      {groups.map((group) => (
        <GroupSection key={group.folder} {...props} group={group} groups={groups} />
      ))}
      <NewGroup {...props} groups={groups} />
    </div>
  );
}

interface GroupProps extends TestsProps {
  group: Group;
  groups: readonly Group[];
}

function titleOf(folder: string): string {
  if (folder === "data/sample") return t`Samples`;
  return folder === "data/secret" ? t`Secret tests` : folder.replace(/^data\//, "");
}

function GroupSection(props: GroupProps) {
  const { group, edit } = props;
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  const [open, setOpen] = useState<string | null>(null);
  const title = titleOf(group.folder);
  const add = () => {
    const name = nextName(group.tests.map((test) => test.name));
    edit(`${group.folder}/${name}.in`, { text: "" });
    edit(`${group.folder}/${name}.ans`, { text: "" });
    setShown((before) => Math.max(before, group.tests.length + 1));
    setOpen(name);
  };
  const rest = group.tests.length - shown;
  return (
    <section aria-label={title} className="test-group">
      <h2>
        {title} <span className="muted">{plural(group.tests.length, { one: "# test", other: "# tests" })}</span>
      </h2>
      <ol className="test-list">
        {group.tests.slice(0, shown).map((test, at) => (
          <TestRow key={test.name} {...props} test={test} at={at} open={open} setOpen={setOpen} />
        ))}
      </ol>
      {rest > 0 ? (
        <button type="button" className="button small" onClick={() => setShown(group.tests.length)}>
          <Trans>Show {rest} more</Trans>
        </button>
      ) : null}
      <div className="actions">
        <button type="button" className="button small" onClick={add}>
          {t`Add a test to ${title}`}
        </button>
        <Upload {...props} title={title} />
      </div>
      <GroupSettings {...props} title={title} />
    </section>
  );
}

interface RowProps extends GroupProps {
  test: Test;
  at: number;
  open: string | null;
  setOpen: (name: string | null) => void;
}

function TestRow(props: RowProps) {
  const { group, groups, test, at, rename, remove, open, setOpen } = props;
  const names = group.tests.map((each) => each.name);
  const move = (to: number) => {
    const order = [...names];
    order.splice(to, 0, ...order.splice(at, 1));
    const next = reordered(names, at, to);
    rename(renamesOf(group, new Map(order.map((name, place) => [name, next[place] ?? name]))));
    setOpen(null);
  };
  const moveInto = (folder: string) => {
    const target = groups.find((each) => each.folder === folder);
    const taken = target?.tests.map((each) => each.name) ?? [];
    const name = taken.includes(test.name) ? nextName(taken) : test.name;
    rename(renamesOf(group, new Map([[test.name, name]]), folder));
    setOpen(null);
  };
  const isOpen = open === test.name;
  return (
    <li>
      <div className="test-row">
        <button
          type="button"
          className="file-name"
          aria-expanded={isOpen}
          onClick={() => setOpen(isOpen ? null : test.name)}
        >
          {test.name}
        </button>
        {test.hasAnswer ? null : (
          <span className="field-error">
            <Trans>no answer</Trans>
          </span>
        )}
        <span className="actions">
          <button
            type="button"
            className="button small"
            aria-label={t`Move ${test.name} up`}
            disabled={at === 0}
            onClick={() => move(at - 1)}
          >
            ↑
          </button>
          <button
            type="button"
            className="button small"
            aria-label={t`Move ${test.name} down`}
            disabled={at === names.length - 1}
            onClick={() => move(at + 1)}
          >
            ↓
          </button>
          <select
            className="input small"
            aria-label={t`Group of ${test.name}`}
            value={group.folder}
            onChange={(event) => moveInto(event.target.value)}
          >
            {groups.map((each) => (
              <option key={each.folder} value={each.folder}>
                {titleOf(each.folder)}
              </option>
            ))}
          </select>
          <button
            type="button"
            className="button small danger"
            aria-label={t`Delete ${test.name}`}
            onClick={() => remove(test.files)}
          >
            <Trans>Delete</Trans>
          </button>
        </span>
      </div>
      {isOpen ? (
        <>
          <RenameTest {...props} />
          <TestEditor {...props} />
        </>
      ) : null}
    </li>
  );
}

function RenameTest({ group, test, rename, setOpen }: RowProps) {
  const [name, setName] = useState(test.name);
  const isTaken = name !== test.name && group.tests.some((each) => each.name === name);
  const fault = isTaken
    ? t`A test with this name exists already.`
    : isValidName(name)
      ? undefined
      : t`A name has letters, digits, dots, - and _, and begins with a letter, a digit or _.`;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (fault || name === test.name) return;
    rename(renamesOf(group, new Map([[test.name, name]])));
    setOpen(name);
  };
  return (
    <form className="form form-row" onSubmit={submit}>
      <Field
        label={t`Name`}
        hint={t`Tests are judged in the order of their names.`}
        value={name}
        error={fault}
        onChange={(event) => setName(event.target.value)}
      />
      <button type="submit" className="button small" disabled={!!fault || name === test.name}>
        <Trans>Rename</Trans>
      </button>
    </form>
  );
}

function Upload({ group, edit, title }: GroupProps & { title: string }) {
  const [refused, setRefused] = useState<string[]>([]);
  const upload = async (event: ChangeEvent<HTMLInputElement>) => {
    const files = [...(event.target.files ?? [])];
    event.target.value = "";
    const odd: string[] = [];
    for (const file of files) {
      const name = uploadedName(file.name);
      if (!isValidName(name)) {
        odd.push(file.name);
        continue;
      }
      const content = await file.arrayBuffer();
      const text = textOf(content);
      edit(`${group.folder}/${name}`, text === null ? { base64: base64Of(content) } : { text });
    }
    setRefused(odd);
  };
  return (
    <>
      <label className="button small upload">
        <Trans>Upload files …</Trans>
        <input
          type="file"
          multiple
          className="visually-hidden"
          aria-label={t`Upload tests into ${title}`}
          onChange={(event) => void upload(event)}
        />
      </label>
      {refused.length > 0 ? (
        <span className="field-error" role="alert">
          <Trans>Left out because of their names: {refused.join(", ")}</Trans>
        </span>
      ) : null}
    </>
  );
}

/** The settings of a group. A group without a file gets one when its first value is set. */
function GroupSettings({ problem, group, edits, edit, paths, title }: GroupProps & { title: string }) {
  const isLegacy = paths.some((path) => path.startsWith("data/") && path.endsWith("/testdata.yaml"));
  const path = group.settings ?? `${group.folder}/${isLegacy ? "testdata.yaml" : "test_group.yaml"}`;
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t`Points and settings of ${title}`}</summary>
      {isOpen ? (
        <YamlForm
          key={path}
          problem={problem}
          path={path}
          edit={edits.get(path) ?? (group.settings ? undefined : { text: "" })}
          change={(changed) => edit(path, changed)}
        />
      ) : null}
    </details>
  );
}

function NewGroup({ groups, edit, paths }: TestsProps & { groups: readonly Group[] }) {
  const [name, setName] = useState("");
  const isLegacy = paths.some((path) => path.startsWith("data/") && path.endsWith("/testdata.yaml"));
  const folder = `data/secret/${name}`;
  const isTaken = groups.some((group) => group.folder === folder);
  const fault = isTaken
    ? t`A group with this name exists already.`
    : name && !isValidName(name)
      ? t`A name has letters, digits, dots, - and _, and begins with a letter, a digit or _.`
      : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!name || fault) return;
    edit(`${folder}/${isLegacy ? "testdata.yaml" : "test_group.yaml"}`, { text: "" });
    setName("");
  };
  return (
    <form className="form form-row" onSubmit={submit}>
      <Field
        label={t`New group of secret tests`}
        hint={t`Groups are judged in the order of their names.`}
        value={name}
        error={fault}
        onChange={(event) => setName(event.target.value)}
      />
      <button type="submit" className="button small" disabled={!name || !!fault}>
        <Trans>Add the group</Trans>
      </button>
    </form>
  );
}
