import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { FormEvent } from "react";
import { namesByLabel } from "../api/errorTexts";
import { useCurrentAccount } from "../auth/queries";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { Select } from "../components/Select";
import { useTyped } from "../lib/useTyped";
import { areSame, draftOf, type RulesDraft, rulesFrom, words } from "./eventRules";
import type { EventFields } from "./queries";
import { ruleLabels, RulesFields } from "./RulesFields";
import type { EventRules, EventState } from "./types";

interface Props {
  /** The event to change; without it a new one is made. */
  event?: EventState;
  error: Error | null;
  isPending: boolean;
  /** Sends the fields; `done` is called when they are saved. */
  send: (body: EventFields, done: () => void) => void;
}

/**
 * The fields of an event. Rules that few events need are below "More rules". Of an existing event, the form keeps and
 * sends only the fields that were changed here. So it shows what others change meanwhile, such as more time for all,
 * and does not undo it.
 */
export function EventForm({ event, error, isPending, send }: Props) {
  const typed = useTyped<Typed>(["event", event?.slug ?? ""], NOTHING);
  const { changed, points, changedRules } = typed.value;
  const fields: Fields = { ...fieldsOf(event), ...changed };
  const { title, slug, starts, ends, visibility, joining, password, problems, service } = fields;
  const rules: RulesDraft = { ...draftOf(event?.rules), ...changedRules };
  const set = (part: Partial<Fields>) =>
    typed.change((before) => ({ ...before, changed: { ...before.changed, ...part } }));
  const change = (part: Partial<RulesDraft>) =>
    typed.change((before) => ({ ...before, changedRules: { ...before.changedRules, ...part } }));
  const setPoints = (part: Record<string, string>) =>
    typed.change((before) => ({ ...before, points: { ...before.points, ...part } }));
  const isAdmin = useCurrentAccount().data?.role === "admin";
  const submit = (form: FormEvent) => {
    form.preventDefault();
    const sent: Partial<Fields> = event ? changed : fields;
    const body: EventFields = bodyOf(sent);
    if (isAdmin && sent.service !== undefined) body.service_class = sent.service;
    if (sent.problems !== undefined || Object.keys(points).length > 0)
      body.problems = problemsFrom(problems, points, event);
    // The server replaces all rules at once. No rule is sent unless one has changed, so that the beginning of a freeze
    // stays the same.
    if (!event) body.rules = rulesFrom(rules);
    else if (!areSame(rules, event.rules)) body.rules = rulesFrom(rules, event.rules);
    const saved = typed.value;
    send(body, () => typed.change((now) => without(now, saved)));
  };
  return (
    <form onSubmit={submit} className="event-fields">
      <Field label={t`Title`} required maxLength={200} value={title} onChange={(e) => set({ title: e.target.value })} />
      {event ? null : (
        <Field
          label={t`Name in its address`}
          hint={t`small letters, digits and hyphens`}
          required
          pattern="[a-z0-9][a-z0-9\-]*"
          maxLength={64}
          value={slug}
          onChange={(e) => set({ slug: e.target.value })}
        />
      )}
      <Field
        label={t`Start`}
        type="datetime-local"
        required
        value={starts}
        onChange={(e) => set({ starts: e.target.value })}
      />
      <Field
        label={t`End`}
        type="datetime-local"
        required
        value={ends}
        onChange={(e) => set({ ends: e.target.value })}
      />
      <Field
        label={t`Problems`}
        hint={t`the names in their addresses, with spaces between, in the order of the event`}
        value={problems}
        onChange={(e) => set({ problems: e.target.value })}
      />
      {event ? null : (
        <>
          <Select
            label={t`Counted by`}
            value={rules.scoring}
            choose={(scoring) => change({ scoring: scoring as EventRules["scoring"] })}
            hasAllOption={false}
            options={scorings()}
          />
          <Field
            label={t`Hold results back, minutes before the end`}
            type="number"
            min={0}
            value={rules.freeze}
            onChange={(e) => change({ freeze: e.target.value })}
          />
        </>
      )}
      <Field
        label={t`Minutes that each member has, from its own start`}
        hint={t`empty: all have the time from start to end`}
        type="number"
        min={1}
        value={rules.length}
        onChange={(e) => change({ length: e.target.value })}
      />
      <label className="checkbox">
        <input type="checkbox" checked={rules.exam} onChange={(e) => change({ exam: e.target.checked })} />{" "}
        <Trans>Exam: while it runs, members see no other problems and no other submissions</Trans>
      </label>
      {rules.scoring === "ioi"
        ? words(problems).map((each) => (
            <Field
              key={each}
              label={t`Points of ${each}`}
              type="number"
              min={0.01}
              step="any"
              required
              value={points[each] ?? String(weightOf(each, event))}
              onChange={(e) => setPoints({ [each]: e.target.value })}
            />
          ))
        : null}
      <RulesFields draft={rules} change={change} />
      {isAdmin ? (
        <Select
          label={t`Class of service`}
          value={service}
          choose={(value) => set({ service: value })}
          hasAllOption={false}
          options={serviceClasses()}
        />
      ) : null}
      <Select
        label={t`Seen by`}
        value={visibility}
        choose={(value) => set({ visibility: value })}
        hasAllOption={false}
        options={audiences()}
      />
      <Select
        label={t`Joining`}
        value={joining}
        choose={(value) => set({ joining: value })}
        hasAllOption={false}
        options={ways()}
      />
      {joining === "password" ? (
        <Field
          label={t`Password to join`}
          autoComplete="off"
          minLength={4}
          value={password}
          onChange={(e) => set({ password: e.target.value })}
        />
      ) : null}
      {error ? <ErrorAlert error={error} nameOf={namesByLabel(labels())} /> : null}
      <button type="submit" className="button primary" disabled={isPending}>
        {event ? <Trans>Save the event</Trans> : <Trans>Make the event</Trans>}
      </button>
    </form>
  );
}

/** The labels of the fields, for errors. */
const labels = () => ({
  title: t`Title`,
  slug: t`Name in its address`,
  starts_at: t`Start`,
  ends_at: t`End`,
  problems: t`Problems`,
  service_class: t`Class of service`,
  visibility: t`Seen by`,
  joining: t`Joining`,
  password: t`Password to join`,
  "rules.scoring": t`Counted by`,
  "rules.freeze_minutes": t`Hold results back, minutes before the end`,
  "rules.length_minutes": t`Minutes that each member has, from its own start`,
  "rules.exam": t`Exam: while it runs, members see no other problems and no other submissions`,
  ...ruleLabels(),
});
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

interface Fields {
  title: string;
  slug: string;
  starts: string;
  ends: string;
  visibility: string;
  joining: string;
  password: string;
  problems: string;
  service: string;
}

/** The changes in the form: fields, points of problems, and rules. */
interface Typed {
  changed: Partial<Fields>;
  points: Record<string, string>;
  changedRules: Partial<RulesDraft>;
}

const NOTHING: Typed = { changed: {}, points: {}, changedRules: {} };

/** The changes that are left to save: those made since `saved` was sent. */
function without(now: Typed, saved: Typed): Typed {
  return {
    changed: different(now.changed, saved.changed),
    points: different(now.points, saved.points),
    changedRules: different(now.changedRules, saved.changedRules),
  };
}

function different<Values extends object>(now: Values, before: Values): Values {
  const pairs = Object.entries(now).filter(([name, value]) => value !== before[name as keyof Values]);
  return Object.fromEntries(pairs) as Values;
}

function fieldsOf(event: EventState | undefined): Fields {
  return {
    title: event?.title ?? "",
    slug: "",
    starts: localTime(event?.starts_at),
    ends: localTime(event?.ends_at),
    visibility: event?.visibility ?? "members",
    joining: event?.joining ?? "closed",
    password: "",
    problems: problemText(event),
    service: event?.service_class ?? "practice",
  };
}

function bodyOf({ title, slug, starts, ends, visibility, joining, password }: Partial<Fields>): EventFields {
  return {
    ...(slug ? { slug } : {}),
    ...(title === undefined ? {} : { title }),
    ...(starts === undefined ? {} : { starts_at: new Date(starts).toISOString() }),
    ...(ends === undefined ? {} : { ends_at: new Date(ends).toISOString() }),
    ...(visibility === undefined ? {} : { visibility }),
    ...(joining === undefined ? {} : { joining }),
    ...(password ? { password } : {}),
  };
}

/** A moment in the format of an input of the type datetime-local, in this browser's time zone. */
export function localTime(moment: string | undefined): string {
  if (!moment) return "";
  const at = new Date(moment);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function problemText(event: EventState | undefined): string {
  return (event?.problems ?? []).map((problem) => problem.slug).join(" ");
}

function weightOf(slug: string, event: EventState | undefined): number {
  return event?.problems.find((problem) => problem.slug === slug)?.weight ?? 1;
}

/** Problems that the event already has keep their label and colour. */
function problemsFrom(
  text: string,
  points: Record<string, string>,
  event: EventState | undefined,
): NonNullable<EventFields["problems"]> {
  const known = new Map((event?.problems ?? []).map((problem) => [problem.slug, problem]));
  return words(text).map((slug) => {
    const before = known.get(slug);
    const weight = points[slug] ? Number(points[slug]) : (before?.weight ?? 1);
    if (!before) return { slug, weight };
    return { slug, label: before.label, weight, colour: before.colour, withdrawn: before.withdrawn };
  });
}
