import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { useCurrentAccount } from "../auth/queries";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { Select } from "../components/Select";
import type { EventFields } from "./queries";
import type { EventState } from "./types";

interface Props {
  /** The event to change; without it a new one is made. */
  event?: EventState;
  error: Error | null;
  isPending: boolean;
  send: (body: EventFields) => void;
}

/** The fields that most events need. Further rules are set by the API and by `gavel events`. */
export function EventForm({ event, error, isPending, send }: Props) {
  const [title, setTitle] = useState(event?.title ?? "");
  const [slug, setSlug] = useState("");
  const [starts, setStarts] = useState(localTime(event?.starts_at));
  const [ends, setEnds] = useState(localTime(event?.ends_at));
  const [visibility, setVisibility] = useState<string>(event?.visibility ?? "members");
  const [joining, setJoining] = useState<string>(event?.joining ?? "closed");
  const [password, setPassword] = useState("");
  const [problems, setProblems] = useState(problemText(event));
  const [scoring, setScoring] = useState("icpc");
  const [freeze, setFreeze] = useState("0");
  const [length, setLength] = useState(String(event?.rules.length_minutes ?? ""));
  const [isExam, setIsExam] = useState(event?.rules.exam ?? false);
  const [service, setService] = useState<string>(event?.service_class ?? "practice");
  const isAdmin = useCurrentAccount().data?.role === "admin";
  const submit = (form: FormEvent) => {
    form.preventDefault();
    const fields: EventFields = {
      title,
      starts_at: new Date(starts).toISOString(),
      ends_at: new Date(ends).toISOString(),
      visibility,
      joining,
      ...(password ? { password } : {}),
      problems: problemsFrom(problems, event),
    };
    const own = { length_minutes: length ? Number(length) : null, exam: isExam };
    if (isAdmin) fields.service_class = service;
    if (!event) send({ ...fields, slug, rules: { scoring, freeze_minutes: Number(freeze), ...own } });
    // The server replaces all rules at once. None is sent unless one has changed, so that a freeze stays where it began.
    else if (own.length_minutes === event.rules.length_minutes && isExam === event.rules.exam) send(fields);
    else send({ ...fields, rules: { ...event.rules, ...own } });
  };
  return (
    <form onSubmit={submit} className="event-fields">
      <Field label={t`Title`} required maxLength={200} value={title} onChange={(e) => setTitle(e.target.value)} />
      {event ? null : (
        <Field
          label={t`Name in its address`}
          hint={t`small letters, digits and hyphens`}
          required
          pattern="[a-z0-9][a-z0-9\-]*"
          maxLength={64}
          value={slug}
          onChange={(e) => setSlug(e.target.value)}
        />
      )}
      <Field
        label={t`Start`}
        type="datetime-local"
        required
        value={starts}
        onChange={(e) => setStarts(e.target.value)}
      />
      <Field label={t`End`} type="datetime-local" required value={ends} onChange={(e) => setEnds(e.target.value)} />
      <Field
        label={t`Problems`}
        hint={t`their names, with spaces between, in the order of the event`}
        value={problems}
        onChange={(e) => setProblems(e.target.value)}
      />
      {event ? null : (
        <>
          <Select label={t`Counted by`} value={scoring} choose={setScoring} hasAllOption={false} options={scorings()} />
          <Field
            label={t`Hold results back, minutes before the end`}
            type="number"
            min={0}
            value={freeze}
            onChange={(e) => setFreeze(e.target.value)}
          />
        </>
      )}
      <Field
        label={t`Minutes that each member has, from its own start`}
        hint={t`none: all have the time from start to end`}
        type="number"
        min={1}
        value={length}
        onChange={(e) => setLength(e.target.value)}
      />
      <label className="checkbox">
        <input type="checkbox" checked={isExam} onChange={(e) => setIsExam(e.target.checked)} />{" "}
        <Trans>Exam: members see nothing else here while it runs</Trans>
      </label>
      {isAdmin ? (
        <Select
          label={t`Class of service`}
          value={service}
          choose={setService}
          hasAllOption={false}
          options={serviceClasses()}
        />
      ) : null}
      <Select label={t`Seen by`} value={visibility} choose={setVisibility} hasAllOption={false} options={audiences()} />
      <Select label={t`Joining`} value={joining} choose={setJoining} hasAllOption={false} options={ways()} />
      {joining === "password" ? (
        <Field
          label={t`Password to join`}
          autoComplete="off"
          minLength={4}
          value={password}
          onChange={(e) => setPassword(e.target.value)}
        />
      ) : null}
      {error ? <ErrorAlert error={error} /> : null}
      <button type="submit" className="button primary" disabled={isPending}>
        {event ? <Trans>Save the event</Trans> : <Trans>Make the event</Trans>}
      </button>
    </form>
  );
}

const scorings = () =>
  [
    ["icpc", t`problems solved and penalty`],
    ["ioi", t`points`],
  ] as const;
const serviceClasses = () =>
  [
    ["practice", t`practice: takes turns with all other submissions`],
    ["contest", t`contest: judged before practice`],
  ] as const;
const audiences = () =>
  [
    ["public", t`everybody`],
    ["members", t`its members`],
    ["jury", t`the jury alone`],
  ] as const;
const ways = () =>
  [
    ["closed", t`the jury adds members`],
    ["password", t`by password`],
    ["open", t`every account may join`],
  ] as const;

/** A moment as an input of the type datetime-local takes it, in this browser's zone. */
export function localTime(moment: string | undefined): string {
  if (!moment) return "";
  const at = new Date(moment);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function problemText(event: EventState | undefined): string {
  return (event?.problems ?? []).map((problem) => problem.slug).join(" ");
}

/** Problems that stay keep their label and weight. */
function problemsFrom(text: string, event: EventState | undefined): NonNullable<EventFields["problems"]> {
  const known = new Map((event?.problems ?? []).map((problem) => [problem.slug, problem]));
  return text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((slug) => {
      const before = known.get(slug);
      return before ? { slug, label: before.label, weight: before.weight, withdrawn: before.withdrawn } : { slug };
    });
}
