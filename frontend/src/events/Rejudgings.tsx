import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type FormEvent, useState } from "react";
import { ConfirmButton } from "../components/ConfirmButton";
import { DataTable } from "../components/DataTable";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { QueryBoundary } from "../components/QueryBoundary";
import { Select } from "../components/Select";
import { formatDateTime } from "../lib/format";
import {
  type TimedEvent,
  useApplyRejudging,
  useBeginRejudging,
  useCancelRejudging,
  useRejudging,
  useRejudgings,
} from "./queries";
import type { Rejudging, RejudgingLine } from "./types";

/** Runs submissions again. The jury sees what would change before it applies the new verdicts. */
export function Rejudgings({ event }: { event: TimedEvent }) {
  const found = useRejudgings(event.slug);
  return (
    <section>
      <h2>
        <Trans>Rejudge</Trans>
      </h2>
      <BeginRejudging event={event} />
      <QueryBoundary query={found} subject={t`the rejudgings`}>
        {(all) => all.map((each) => <OneRejudging key={each.id} slug={event.slug} line={each} />)}
      </QueryBoundary>
    </section>
  );
}

function BeginRejudging({ event }: { event: TimedEvent }) {
  const begin = useBeginRejudging(event.slug);
  const [problem, setProblem] = useState("");
  const [reason, setReason] = useState("");
  const submit = (form: FormEvent) => {
    form.preventDefault();
    begin.mutate(
      { reason, ...(problem ? { problem } : {}) },
      { onSuccess: () => setReason((now) => (now === reason ? "" : now)) },
    );
  };
  return (
    <form onSubmit={submit} className="event-fields">
      <Select
        label={t`Submissions of`}
        value={problem}
        choose={setProblem}
        hasAllOption={false}
        options={[
          ["", t`all problems`],
          ...event.problems.map((each) => [each.label, `${each.label} ${each.name}`] as const),
        ]}
      />
      <Field
        label={t`Reason`}
        hint={t`for the jury and the audit log`}
        required
        maxLength={500}
        value={reason}
        onChange={(e) => setReason(e.target.value)}
      />
      {begin.error ? <ErrorAlert error={begin.error} /> : null}
      <button type="submit" className="button" disabled={begin.isPending}>
        <Trans>Run them again</Trans>
      </button>
    </form>
  );
}

function OneRejudging({ slug, line }: { slug: string; line: RejudgingLine }) {
  return (
    <details className="event-form" open={line.state === "preview"}>
      <summary>
        {line.reason} · {formatDateTime(line.created_at)} · {stateName(line.state)}
      </summary>
      <Preview slug={slug} id={line.id} />
    </details>
  );
}

function Preview({ slug, id }: { slug: string; id: string }) {
  const found = useRejudging(slug, id);
  return (
    <QueryBoundary query={found} subject={t`the rejudging`}>
      {(rejudging) => (
        <>
          <p role="status">
            {t`${rejudging.done} of ${rejudging.total} run again.`}{" "}
            {plural(rejudging.changes.length, { one: "# result changes.", other: "# results change." })}
          </p>
          <Moves rejudging={rejudging} />
          <Acts slug={slug} rejudging={rejudging} />
        </>
      )}
    </QueryBoundary>
  );
}

function Moves({ rejudging }: { rejudging: Rejudging }) {
  if (rejudging.changes.length === 0) return null;
  return (
    <>
      <DataTable
        label={t`Results that change`}
        rows={rejudging.changes}
        rowKey={(each) => each.submission}
        columns={[
          { title: <Trans>Member</Trans>, namesRow: true, cell: (each) => each.member_name },
          { title: <Trans>Problem</Trans>, cell: (each) => each.problem },
          { title: <Trans>Before</Trans>, cell: (each) => each.before.verdict },
          { title: <Trans>After</Trans>, cell: (each) => each.after.verdict },
        ]}
      />
      <DataTable
        label={t`Rows of the scoreboard that change`}
        rows={rejudging.standings}
        rowKey={(each) => each.member}
        columns={[
          { title: <Trans>Member</Trans>, namesRow: true, cell: (each) => each.name },
          { title: <Trans>Rank before</Trans>, cell: (each) => each.before.rank ?? "–", className: "number" },
          { title: <Trans>Rank after</Trans>, cell: (each) => each.after.rank ?? "–", className: "number" },
          { title: <Trans>Points before</Trans>, cell: (each) => each.before.points, className: "number wide-only" },
          { title: <Trans>Points after</Trans>, cell: (each) => each.after.points, className: "number wide-only" },
        ]}
      />
    </>
  );
}

function Acts({ slug, rejudging }: { slug: string; rejudging: Rejudging }) {
  const apply = useApplyRejudging(slug);
  const cancel = useCancelRejudging(slug);
  if (rejudging.state !== "preview") return null;
  const error = apply.error ?? cancel.error;
  return (
    <p className="event-acts">
      <ConfirmButton
        label={t`Apply`}
        className="button primary"
        question={t`Apply the rejudging?`}
        consequence={t`The results change for all at once. Another rejudging may change them again.`}
        disabled={apply.isPending || rejudging.done < rejudging.total}
        onConfirm={() => apply.mutate(rejudging.id)}
      />
      <button type="button" className="button" disabled={cancel.isPending} onClick={() => cancel.mutate(rejudging.id)}>
        <Trans>Cancel it</Trans>
      </button>
      {error ? <ErrorAlert error={error} /> : null}
    </p>
  );
}

function stateName(state: RejudgingLine["state"]): string {
  if (state === "preview") return t`nothing has changed yet`;
  return state === "applied" ? t`applied` : t`cancelled`;
}
