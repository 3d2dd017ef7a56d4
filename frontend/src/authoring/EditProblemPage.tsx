import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type ChangeEvent, type FormEvent, useState } from "react";
import { Link, useNavigate, useParams } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { ConfirmButton } from "../components/ConfirmButton";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { QueryBoundary } from "../components/QueryBoundary";
import { Select } from "../components/Select";
import { Tabs } from "../components/Tabs";
import {
  base64Of,
  type Edit,
  type Edits,
  PART_ORDER,
  partOf,
  pathsAfter,
  textOf,
  withEdit,
  withRenames,
} from "./edits";
import { FileEditor } from "./FileEditor";
import { Preview } from "./Preview";
import { useAuthoredProblem, useFiles, useSaveChanges } from "./queries";
import { TestsForm } from "./TestsForm";
import type { AuthoredProblem } from "./types";
import { PendingChanges, useDropEdits, useEdits, usePendingChanges } from "./useEdits";
import { YamlForm } from "./YamlForm";

type View = "files" | "settings" | "tests";
const VIEWS = [
  { name: "files", title: <Trans>Files</Trans> },
  { name: "settings", title: <Trans>Settings</Trans> },
  { name: "tests", title: <Trans>Samples and tests</Trans> },
] as const;

const EXAMPLE_PATH = "data/secret/10.in";

/** Edits the files of a problem's newest version. Saving makes a draft version. */
export function EditProblemPage() {
  const slug = useParams().slug ?? "";
  const problem = useAuthoredProblem(slug);
  usePageTitle(t`Edit ${slug}`);
  return (
    <div className="wide authoring">
      <p>
        <Link to="/my-problems">
          <Trans>My problems</Trans>
        </Link>{" "}
        / <Link to={`/my-problems/${slug}`}>{problem.data?.title ?? slug}</Link>
      </p>
      <QueryBoundary query={problem} subject={t`the problem`}>
        {(found) => <OneVersion key={found.slug} problem={found} />}
      </QueryBoundary>
    </div>
  );
}

interface FilesProps {
  problem: AuthoredProblem;
  save: ReturnType<typeof useSaveChanges>;
}

/**
 * The editor of one version. It stays at this version, since a version that is added meanwhile must not take the
 * unsaved changes away.
 */
export function OneVersion({ problem }: { problem: AuthoredProblem }) {
  const [version, setVersion] = useState(problem.newest);
  const save = useSaveChanges(problem.slug);
  const drop = useDropEdits(problem.slug);
  const loadNewest = () => {
    drop(version);
    setVersion(problem.newest);
  };
  return (
    <>
      {version === problem.newest || save.isPending ? null : (
        <div className="error-alert" role="alert">
          <p>
            <Trans>
              A newer version of this problem was added. Changes of the earlier version, which is shown here, can no
              longer be saved. Copy what you need, then load the newest version.
            </Trans>
          </p>
          <button type="button" className="button" onClick={loadNewest}>
            <Trans>Load the newest version</Trans>
          </button>
        </div>
      )}
      <FilesOf key={version} problem={{ ...problem, newest: version }} save={save} />
    </>
  );
}

function FilesOf({ problem, save }: FilesProps) {
  const files = useFiles(problem.slug, problem.newest);
  return (
    <QueryBoundary query={files} subject={t`the files`}>
      {(found) => <Editing problem={problem} save={save} stored={found.map(({ path }) => path)} />}
    </QueryBoundary>
  );
}

function Editing({ problem, save, stored }: FilesProps & { stored: string[] }) {
  const { edits, change: setEdits, latest, discard } = useEdits(problem.slug, problem.newest);
  const { track, settle, isWorking } = usePendingChanges();
  const paths = pathsAfter(stored, edits);
  const [open, setOpen] = useState(() => paths.find((path) => partOf(path) === "statement") ?? paths[0] ?? "");
  const edit = (path: string, change: Edit | null) => setEdits((before) => withEdit(before, path, change));
  const [view, setView] = useState<View>("files");
  const rename = (renames: ReadonlyMap<string, string>) => setEdits((before) => withRenames(before, stored, renames));
  const remove = (path: string) => edit(path, stored.includes(path) ? { isDeleted: true } : null);
  return (
    <PendingChanges value={track}>
      <div className="page-head">
        <h1>
          <Trans>Edit “{problem.title}”</Trans>
        </h1>
        <SaveBar
          problem={problem}
          save={save}
          edits={edits}
          isWorking={isWorking}
          finish={async () => ((await settle()) ? latest() : null)}
          discard={discard}
        />
      </div>
      {/* The changes are discarded after a save. So a change that is made during the save would be lost. */}
      <div inert={save.isPending}>
        <Tabs label={t`What to edit`} tabs={VIEWS} open={view} choose={setView}>
          {view === "settings" ? (
            <YamlForm
              problem={problem}
              path="problem.yaml"
              edit={edits.get("problem.yaml")}
              change={(changed) => edit("problem.yaml", changed)}
            />
          ) : view === "tests" ? (
            <TestsForm
              problem={problem}
              paths={paths}
              edits={edits}
              edit={edit}
              remove={(gone) => gone.forEach(remove)}
              rename={rename}
            />
          ) : (
            <div className="editing">
              <nav className="file-list" aria-label={t`Files`}>
                <FileList paths={paths} edits={edits} open={open} choose={setOpen} />
                <AddFiles add={edit} choose={setOpen} taken={paths} />
              </nav>
              <div className="file-pane">
                {paths.includes(open) ? (
                  <FileEditor
                    key={open}
                    problem={problem}
                    path={open}
                    isStored={stored.includes(open)}
                    edit={edits.get(open)}
                    change={(content) => edit(open, content)}
                    rename={(to) => {
                      rename(new Map([[open, to]]));
                      setOpen(to);
                    }}
                    remove={() => remove(open)}
                    taken={paths}
                  />
                ) : (
                  <p className="muted">
                    <Trans>Choose a file.</Trans>
                  </p>
                )}
              </div>
              <Preview problem={problem} edits={edits} />
            </div>
          )}
        </Tabs>
      </div>
    </PendingChanges>
  );
}

interface SaveProps extends FilesProps {
  edits: Edits;
  /** Whether a change is still being made. */
  isWorking: boolean;
  /** The edits with the changes that are still being made; `null` if one of them was refused. */
  finish: () => Promise<Edits | null>;
  discard: () => void;
}

function SaveBar({ problem, save, edits, isWorking, finish, discard }: SaveProps) {
  const navigate = useNavigate();
  const count = plural(edits.size, { one: "# file changed", other: "# files changed" });
  const saveAll = async () => {
    const all = await finish();
    if (!all?.size) return;
    const leave = () => {
      discard();
      navigate(`/my-problems/${problem.slug}`);
    };
    save.mutate({ version: problem.newest, edits: all }, { onSuccess: leave });
  };
  return (
    <div>
      <div className="actions">
        <span className="muted" role="status">
          {edits.size === 0 ? t`Nothing changed` : count}
        </span>
        {edits.size > 0 ? (
          <ConfirmButton
            label={t`Discard`}
            question={t`Discard the changes?`}
            consequence={t`The files are again as in version ${problem.newest.slice(0, 8)}.`}
            onConfirm={discard}
          />
        ) : null}
        <button
          type="button"
          className="button primary"
          disabled={(edits.size === 0 && !isWorking) || save.isPending}
          onClick={() => void saveAll()}
        >
          <Trans>Save as a draft version</Trans>
        </button>
      </div>
      {save.error ? <ErrorAlert error={save.error} /> : null}
    </div>
  );
}

const PARTS: Record<string, MessageDescriptor> = {
  statement: msg`Statement`,
  settings: msg`Settings`,
  samples: msg`Samples`,
  tests: msg`Tests`,
  validators: msg`Validators`,
  submissions: msg`Submissions`,
  attachments: msg`Attachments`,
  others: msg`Other files`,
};

interface FileListProps {
  paths: string[];
  edits: Edits;
  open: string;
  choose: (path: string) => void;
}

function FileList({ paths, edits, open, choose }: FileListProps) {
  return PART_ORDER.map((part) => {
    const found = paths.filter((path) => partOf(path) === part);
    const title = PARTS[part];
    if (found.length === 0 || !title) return null;
    return (
      <details key={part} open={found.length <= 12 || found.includes(open)}>
        <summary>
          {i18n._(title)} <span className="muted">({found.length})</span>
        </summary>
        <ul>
          {found.map((path) => (
            <li key={path}>
              <button
                type="button"
                className="file-name"
                aria-current={path === open ? "true" : undefined}
                onClick={() => choose(path)}
              >
                {path}
                {edits.has(path) ? (
                  <>
                    {" "}
                    <span aria-hidden="true">•</span>
                    <span className="visually-hidden">{t`changed`}</span>
                  </>
                ) : null}
              </button>
            </li>
          ))}
        </ul>
      </details>
    );
  });
}

const FOLDERS = [
  "data/sample",
  "data/secret",
  "submissions/accepted",
  "submissions/wrong_answer",
  "submissions/time_limit_exceeded",
  "submissions/run_time_error",
  "input_validators",
  "output_validators",
  "input_visualizer",
  "statement",
  "attachments",
] as const;

interface AddFilesProps {
  add: (path: string, edit: Edit) => void;
  choose: (path: string) => void;
  taken: readonly string[];
}

function AddFiles({ add, choose, taken }: AddFilesProps) {
  const [folder, setFolder] = useState<string>("data/secret");
  const [path, setPath] = useState("");
  const isTaken = taken.includes(path.trim());
  const upload = async (event: ChangeEvent<HTMLInputElement>) => {
    const files = [...(event.target.files ?? [])];
    event.target.value = "";
    for (const file of files) {
      const content = await file.arrayBuffer();
      const text = textOf(content);
      add(`${folder}/${file.name}`, text === null ? { base64: base64Of(content) } : { text });
    }
    if (files[0]) choose(`${folder}/${files[0].name}`);
  };
  const make = (event: FormEvent) => {
    event.preventDefault();
    if (!path.trim() || isTaken) return;
    add(path.trim(), { text: "" });
    choose(path.trim());
    setPath("");
  };
  return (
    <>
      <form className="form" onSubmit={make}>
        <Field
          label={t`New file`}
          placeholder={EXAMPLE_PATH}
          value={path}
          error={isTaken ? t`A file with this name exists already.` : undefined}
          onChange={(event) => setPath(event.target.value)}
        />
        <button type="submit" className="button small">
          <Trans>Add</Trans>
        </button>
      </form>
      <Select
        label={t`Upload into`}
        value={folder}
        choose={setFolder}
        options={FOLDERS.map((name) => [name, name])}
        hasAllOption={false}
      />
      <input type="file" multiple aria-label={t`Files to upload`} onChange={(event) => void upload(event)} />
    </>
  );
}
