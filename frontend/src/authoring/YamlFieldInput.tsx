import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { hintOf, labelOf } from "./fieldLabels";
import type { YamlField, YamlValue } from "./types";

interface Props {
  field: YamlField;
  fault: string | undefined;
  set: (value: YamlValue) => void;
}

/** The input of one key. A choice is set at once. A text is set when its input is left; if it has one line, also by Enter. */
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

interface Draft {
  text: string;
  type: (text: string) => void;
  /** Notes that this text was sent, to be stored in the file. */
  send: (text: string) => void;
}

/**
 * The text of an input. When the file gets another value, that value replaces the text, unless the text was changed
 * since it was stored or sent.
 */
function useDraft(stored: string): Draft {
  const [text, type] = useState(stored);
  const known = useRef(stored);
  const sent = useRef<string[]>([]);
  useEffect(() => {
    const answered = sent.current.lastIndexOf(stored);
    // The file has an earlier text of this input. A later one is on its way.
    if (answered >= 0 && answered < sent.current.length - 1) {
      sent.current.splice(0, answered + 1);
      return;
    }
    sent.current = [];
    const before = known.current;
    known.current = stored;
    type((typed) => (typed === before ? stored : typed));
  }, [stored]);
  const send = (next: string) => {
    sent.current.push(next);
    known.current = next;
  };
  return { text, type, send };
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
  const draft = useDraft(stored);
  const commit = () => {
    const text = draft.text.trim();
    if (text === stored && !input["aria-invalid"]) return;
    draft.type(text);
    draft.send(text);
    set(text || null);
  };
  return (
    <input
      {...input}
      className="input"
      inputMode={field.kind === "number" ? "decimal" : undefined}
      spellCheck={false}
      value={draft.text}
      onChange={(event) => draft.type(event.target.value)}
      onBlur={commit}
      onKeyDown={onEnter(commit)}
    />
  );
}

function Lines({ field, set, ...input }: InputProps) {
  const stored = Array.isArray(field.value) ? field.value.join("\n") : "";
  const draft = useDraft(stored);
  const commit = () => {
    if (draft.text === stored && !input["aria-invalid"]) return;
    const lines = draft.text.split("\n").map((line) => line.trim());
    const entries = lines.filter(Boolean);
    draft.type(entries.join("\n"));
    draft.send(entries.join("\n"));
    set(entries.length > 0 ? entries : null);
  };
  return (
    <textarea
      {...input}
      className="input"
      rows={Math.min(6, Math.max(2, draft.text.split("\n").length))}
      value={draft.text}
      onChange={(event) => draft.type(event.target.value)}
      onBlur={commit}
    />
  );
}

function Flag({ field, set, ...input }: InputProps) {
  const draft = useDraft(typeof field.value === "boolean" ? String(field.value) : "");
  const choose = (word: string) => {
    draft.type(word);
    draft.send(word);
    set(word === "" ? null : word === "true");
  };
  return (
    <select {...input} className="input" value={draft.text} onChange={(event) => choose(event.target.value)}>
      <option value="">{t`not set (${field.default ?? "false"})`}</option>
      <option value="true">{t`true`}</option>
      <option value="false">{t`false`}</option>
    </select>
  );
}

function Choice({ field, set, ...input }: InputProps) {
  const stored = typeof field.value === "string" ? field.value : "";
  const draft = useDraft(stored);
  const known = field.choices.includes(stored) || stored === "" ? field.choices : [stored, ...field.choices];
  const choose = (word: string) => {
    draft.type(word);
    draft.send(word);
    set(word || null);
  };
  return (
    <select {...input} className="input" value={draft.text} onChange={(event) => choose(event.target.value)}>
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
  const draft = useDraft(Array.isArray(field.value) ? field.value.join("\n") : "");
  const chosen = draft.text.split("\n");
  const toggle = (word: string) => {
    const next = field.choices.filter((each) => (each === word ? !chosen.includes(each) : chosen.includes(each)));
    draft.type(next.join("\n"));
    draft.send(next.join("\n"));
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
  const draft = useDraft(stored);
  const commit = () => {
    const text = draft.text.trim();
    if (!text || text === stored) return;
    draft.type(text);
    draft.send(text);
    set(text);
  };
  return (
    <>
      <code>{name}</code>
      <input
        className="input"
        aria-label={t`Value of ${name}`}
        value={draft.text}
        onChange={(event) => draft.type(event.target.value)}
        onBlur={commit}
        onKeyDown={onEnter(commit)}
      />
      <button type="button" className="button small" aria-label={t`Remove ${name}`} onClick={remove}>
        <Trans>Remove</Trans>
      </button>
    </>
  );
}
