import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { ConfirmButton } from "../components/ConfirmButton";
import { CopyButton } from "../components/CopyButton";
import { DataTable } from "../components/DataTable";
import { ErrorAlert } from "../components/ErrorAlert";
import { QueryBoundary } from "../components/QueryBoundary";
import { Select } from "../components/Select";
import { formatPercent } from "../lib/format";
import { useAddLtiLink, useImportCourse, useLtiLinks, useRemoveLtiLink } from "./ltiQueries";
import type { TimedEvent } from "./queries";
import type { LtiGrade, LtiLink, LtiLinks as Links, LtiPlacement } from "./types";

/** The links of learning platforms to an event. Nothing is shown where no platform is registered. */
export function LtiLinks({ event }: { event: TimedEvent }) {
  const found = useLtiLinks(event.slug);
  if (found.data && found.data.platforms.length === 0) return null;
  return (
    <section>
      <h2>
        <Trans>Learning platforms</Trans>
      </h2>
      <QueryBoundary query={found} subject={t`the learning platforms`}>
        {(all) => (
          <>
            <AddLink event={event} all={all} />
            {all.links.map((link) => (
              <Link key={link.id} slug={event.slug} link={link} />
            ))}
          </>
        )}
      </QueryBoundary>
    </section>
  );
}

function AddLink({ event, all }: { event: TimedEvent; all: Links }) {
  const add = useAddLtiLink(event.slug);
  const [platform, setPlatform] = useState(all.platforms[0]?.id ?? "");
  const [problem, setProblem] = useState("");
  return (
    <div className="event-acts">
      <Select
        label={t`Platform`}
        value={platform}
        choose={setPlatform}
        hasAllOption={false}
        options={all.platforms.map((each) => [each.id, each.title] as const)}
      />
      <Select
        label={t`Links to`}
        value={problem}
        choose={setProblem}
        hasAllOption={false}
        options={[
          ["", t`the whole event`],
          ...event.problems.map((each) => [each.label, `${each.label} ${each.name}`] as const),
        ]}
      />
      <button
        type="button"
        className="button"
        disabled={add.isPending}
        onClick={() => add.mutate({ platform, problem: problem || null })}
      >
        <Trans>Make a link</Trans>
      </button>
      {add.error ? <ErrorAlert error={add.error} /> : null}
    </div>
  );
}

function Link({ slug, link }: { slug: string; link: LtiLink }) {
  const remove = useRemoveLtiLink(slug);
  return (
    <article className="message">
      <h3>
        {link.platform}: {link.problem ? t`Problem ${link.problem}` : t`the whole event`}
      </h3>
      <p>
        <Trans>Custom parameter:</Trans> <code>{link.parameter}</code>{" "}
        <CopyButton text={link.parameter} subject={t`custom parameter`} />
      </p>
      {link.placements.map((placement) => (
        <Course key={placement.id} slug={slug} placement={placement} />
      ))}
      <ConfirmButton
        label={t`Remove the link`}
        question={t`Remove this link?`}
        consequence={t`Launches by it are refused, and no more grades are sent for it. Members stay.`}
        disabled={remove.isPending}
        onConfirm={() => remove.mutate(link.id)}
      />
      {remove.error ? <ErrorAlert error={remove.error} /> : null}
    </article>
  );
}

function Course({ slug, placement }: { slug: string; placement: LtiPlacement }) {
  const load = useImportCourse(slug);
  const waiting = placement.grades.filter((grade) => grade.state === "pending").length;
  return (
    <>
      <h4>{placement.title ?? t`A course`}</h4>
      {placement.takes_grades ? null : (
        <p>
          <Trans>The platform takes no grades for this link.</Trans>
        </p>
      )}
      {waiting > 0 ? (
        <p role="status">{plural(waiting, { one: "# grade waits to be sent.", other: "# grades wait to be sent." })}</p>
      ) : null}
      {placement.has_members ? (
        <button
          type="button"
          className="button small"
          disabled={load.isPending}
          onClick={() => load.mutate(placement.id)}
        >
          <Trans>Add the learners of the course</Trans>
        </button>
      ) : null}
      {load.data ? <p role="status">{t`${load.data.added} of ${load.data.learners} learners were added.`}</p> : null}
      {load.error ? <ErrorAlert error={load.error} /> : null}
      {placement.grades.length > 0 ? <Grades grades={placement.grades} /> : null}
    </>
  );
}

function Grades({ grades }: { grades: LtiGrade[] }) {
  return (
    <DataTable
      label={t`Grades`}
      rows={grades}
      rowKey={(grade) => grade.account}
      columns={[
        { title: <Trans>Account</Trans>, namesRow: true, cell: (grade) => grade.account },
        { title: <Trans>Grade</Trans>, cell: (grade) => formatPercent(grade.score), className: "number" },
        { title: <Trans>State</Trans>, cell: stateOf },
      ]}
    />
  );
}

function stateOf(grade: LtiGrade): string {
  if (grade.state === "none") return t`nothing submitted`;
  if (grade.state === "sent") return t`sent`;
  return grade.reason ? t`waits: ${grade.reason}` : t`waits`;
}
