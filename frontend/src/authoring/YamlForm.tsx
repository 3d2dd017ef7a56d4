import { i18n } from "@lingui/core";
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { use, useRef, useState } from "react";
import { ErrorAlert } from "../components/ErrorAlert";
import { QueryBoundary } from "../components/QueryBoundary";
import type { Edit } from "./edits";
import { labelOf, SECTIONS } from "./fieldLabels";
import { readForm } from "./queries";
import type { AuthoredProblem, YamlField, YamlFormAnswer, YamlValue } from "./types";
import { PendingChanges } from "./useEdits";
import { YamlFieldInput } from "./YamlFieldInput";

interface Props {
  problem: AuthoredProblem;
  path: string;
  edit: Edit | undefined;
  change: (edit: Edit) => void;
}

/** A YAML file of the package as a form. Each change makes a new text of the file; comments stay. */
export function YamlForm({ problem, path, edit, change }: Props) {
  const text = edit && "text" in edit ? edit.text : undefined;
  const isOther = edit !== undefined && text === undefined;
  const [first] = useState(text);
  const form = useQuery({
    queryKey: ["form", problem.slug, problem.newest, path, first],
    queryFn: () => readForm(problem.slug, problem.newest, { path, text: first }),
    enabled: !isOther,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
  if (isOther)
    return (
      <p className="muted">
        <Trans>Save first: this file has a new name.</Trans>
      </p>
    );
  return (
    <QueryBoundary query={form} subject={t`the form of ${path}`}>
      {(found) => <Fields problem={problem} path={path} first={found} change={change} />}
    </QueryBoundary>
  );
}

interface FieldsProps extends Omit<Props, "edit"> {
  first: YamlFormAnswer;
}

function Fields({ problem, path, first, change }: FieldsProps) {
  const [form, setForm] = useState(first);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [error, setError] = useState<Error | null>(null);
  const text = useRef(first.text);
  const turn = useRef<Promise<unknown>>(Promise.resolve());
  const track = use(PendingChanges);
  const set = (key: string, value: YamlValue) => {
    // The changes are made one after another, since each begins with the text that the previous change has made.
    const work = turn.current.then(async () => {
      try {
        const answer = await readForm(problem.slug, problem.newest, {
          path,
          text: text.current,
          values: { [key]: value },
        });
        setError(null);
        setFaults((before) => ({ ...before, [key]: answer.faults[0]?.message ?? "" }));
        if (answer.text !== text.current) {
          text.current = answer.text;
          setForm(answer);
          change({ text: answer.text });
        }
        return answer.faults.length === 0;
      } catch (failure) {
        setError(failure as Error);
        return false;
      }
    });
    turn.current = work;
    track(work);
  };
  const sections = SECTIONS.filter(({ name }) => form.fields.some((field) => field.section === name));
  return (
    <div className="yaml-form">
      {error ? <ErrorAlert error={error} /> : null}
      {sections.map(({ name, title }) => (
        <fieldset key={name}>
          <legend>{i18n._(title)}</legend>
          {form.fields
            .filter((field) => field.section === name)
            .map((field) => (
              <FieldOf key={field.key} path={path} field={field} fault={faults[field.key]} set={set} />
            ))}
        </fieldset>
      ))}
      {form.others.length > 0 ? (
        <p className="muted">
          <Trans>Left as they are: {form.others.join(", ")}</Trans>
        </p>
      ) : null}
    </div>
  );
}

interface FieldProps {
  path: string;
  field: YamlField;
  fault: string | undefined;
  set: (key: string, value: YamlValue) => void;
}

function FieldOf({ path, field, fault, set }: FieldProps) {
  if (field.is_complex)
    return (
      <p>
        {labelOf(field)}{" "}
        <span className="muted">
          <Trans>has a form that cannot be shown here. Change it in {path}.</Trans>
        </span>
      </p>
    );
  return <YamlFieldInput field={field} fault={fault || undefined} set={(value) => set(field.key, value)} />;
}
