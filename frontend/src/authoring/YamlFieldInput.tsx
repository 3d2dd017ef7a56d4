import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { hintOf, labelOf } from "./fieldLabels";
import type { YamlField, YamlValue } from "./types";

interface Props {
  field: YamlField;
  fault: string | undefined;
  set: (value: YamlValue) => void;
}

/** The input of one key. A value is set when its input is left, or by Enter. */
export function YamlFieldInput({ field, fault, set }: Props) {
  const id = useId();
  const about = fault ?? hintOf(field);
  const shared = {
    "aria-invalid": fault ? true : undefined,
    "aria-describedby": about ? `${id}-note` : undefined,
  } as const;
  const isGroup =
    field.kind === "texts" || field.kind === "numbers" || (field.choices.length > 0 && field.kind === "list");
  const label = (
    <>
      {labelOf(field)} <code className="field-key">{field.key}</code>
    </>
  );
  const note = about ? (
    <p id={`${id}-note`} className={fault ? "field-error" : "muted"} role={fault ? "alert" : undefined}>
      {about}
    </p>
  ) : null;
  if (isGroup)
    return (
      <fieldset className="field">
        <legend>{label}</legend>
        {field.kind === "list" ? <Words field={field} set={set} /> : <Entries field={field} set={set} />}
        {note}
      </fieldset>
    );
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {field.kind === "flag" ? (
        <Flag id={id} field={field} set={set} {...shared} />
      ) : field.kind === "choice" ? (
        <Choice id={id} field={field} set={set} {...shared} />
      ) : field.kind === "list" || field.kind === "people" ? (
        <Lines id={id} field={field} set={set} {...shared} />
      ) : (
        <Line id={id} field={field} set={set} {...shared} />
      )}
      {note}
    </div>
  );
}

interface InputProps {
  id: string;
  field: YamlField;
  set: (value: YamlValue) => void;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
}

/** The text of an input. When the file gets another value, that value replaces the text. */
function useDraft(stored: string): [string, (text: string) => void] {
  const [draft, setDraft] = useState(stored);
  useEffect(() => setDraft(stored), [stored]);
  return [draft, setDraft];
}

const ENDS_A_LINE: Record<string, boolean> = { Enter: true };

function onEnter(act: () => void) {
  return (event: KeyboardEvent) => {
    if (!ENDS_A_LINE[event.key]) return;
    event.preventDefault();
    act();
  };
}

function Line({ field, set, ...input }: InputProps) {
  const stored = typeof field.value === "string" ? field.value : "";
  const [draft, setDraft] = useDraft(stored);
  const commit = () => {
    if (draft.trim() !== stored || input["aria-invalid"]) set(draft.trim() || null);
  };
  return (
    <input
      {...input}
      className="input"
      inputMode={field.kind === "number" ? "decimal" : undefined}
      spellCheck={false}
      value={draft}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={commit}
      onKeyDown={onEnter(commit)}
    />
  );
}

function Lines({ field, set, ...input }: InputProps) {
  const stored = Array.isArray(field.value) ? field.value.join("\n") : "";
  const [draft, setDraft] = useDraft(stored);
  const commit = () => {
    if (draft === stored && !input["aria-invalid"]) return;
    const lines = draft.split("\n").map((line) => line.trim());
    const entries = lines.filter(Boolean);
    set(entries.length > 0 ? entries : null);
  };
  return (
    <textarea
      {...input}
      className="input"
      rows={Math.min(6, Math.max(2, draft.split("\n").length))}
      value={draft}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={commit}
    />
  );
}

function Flag({ field, set, ...input }: InputProps) {
  const [draft, setDraft] = useDraft(typeof field.value === "boolean" ? String(field.value) : "");
  const choose = (word: string) => {
    setDraft(word);
    set(word === "" ? null : word === "true");
  };
  return (
    <select {...input} className="input" value={draft} onChange={(event) => choose(event.target.value)}>
      <option value="">{t`not set (${field.default ?? "false"})`}</option>
      <option value="true">{t`true`}</option>
      <option value="false">{t`false`}</option>
    </select>
  );
}

function Choice({ field, set, ...input }: InputProps) {
  const stored = typeof field.value === "string" ? field.value : "";
  const [draft, setDraft] = useDraft(stored);
  const known = field.choices.includes(stored) || stored === "" ? field.choices : [stored, ...field.choices];
  const choose = (word: string) => {
    setDraft(word);
    set(word || null);
  };
  return (
    <select {...input} className="input" value={draft} onChange={(event) => choose(event.target.value)}>
      <option value="">{field.default ? t`not set (${field.default})` : t`not set`}</option>
      {known.map((choice) => (
        <option key={choice} value={choice}>
          {choice}
        </option>
      ))}
    </select>
  );
}

function Words({ field, set }: Pick<InputProps, "field" | "set">) {
  const [draft, setDraft] = useDraft(Array.isArray(field.value) ? field.value.join("\n") : "");
  const chosen = draft.split("\n");
  const toggle = (word: string) => {
    const next = field.choices.filter((each) => (each === word ? !chosen.includes(each) : chosen.includes(each)));
    setDraft(next.join("\n"));
    set(next.length > 0 ? next : null);
  };
  return (
    <div className="choices">
      {field.choices.map((word) => (
        <label key={word}>
          <input type="checkbox" checked={chosen.includes(word)} onChange={() => toggle(word)} /> {word}
        </label>
      ))}
    </div>
  );
}

function Entries({ field, set }: Pick<InputProps, "field" | "set">) {
  const stored = field.value && typeof field.value === "object" && !Array.isArray(field.value) ? field.value : {};
  const [name, setName] = useState("");
  const [value, setValue] = useState("");
  const add = () => {
    if (!name.trim() || !value.trim()) return;
    set({ ...stored, [name.trim()]: value.trim() });
    setName("");
    setValue("");
  };
  return (
    <div className="entries">
      {Object.entries(stored).map(([key, text]) => (
        <Entry
          key={key}
          name={key}
          stored={text}
          set={(changed) => set({ ...stored, [key]: changed })}
          remove={() => {
            const { [key]: _, ...others } = stored;
            set(Object.keys(others).length > 0 ? others : null);
          }}
        />
      ))}
      <input
        className="input"
        aria-label={t`Name of a new entry of ${field.key}`}
        value={name}
        onChange={(event) => setName(event.target.value)}
        onBlur={add}
        onKeyDown={onEnter(add)}
      />
      <input
        className="input"
        aria-label={t`Value of a new entry of ${field.key}`}
        value={value}
        onChange={(event) => setValue(event.target.value)}
        onBlur={add}
        onKeyDown={onEnter(add)}
      />
      <button type="button" className="button small" aria-label={t`Add an entry to ${field.key}`} onClick={add}>
        <Trans>Add</Trans>
      </button>
    </div>
  );
}

interface EntryProps {
  name: string;
  stored: string;
  set: (text: string) => void;
  remove: () => void;
}

function Entry({ name, stored, set, remove }: EntryProps) {
  const [draft, setDraft] = useDraft(stored);
  const commit = () => {
    if (draft.trim() && draft.trim() !== stored) set(draft.trim());
  };
  return (
    <>
      <code>{name}</code>
      <input
        className="input"
        aria-label={t`Value of ${name}`}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={onEnter(commit)}
      />
      <button type="button" className="button small" aria-label={t`Remove ${name}`} onClick={remove}>
        <Trans>Remove</Trans>
      </button>
    </>
  );
}
