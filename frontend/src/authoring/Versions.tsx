import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg, plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatAge, formatDateTime } from "../lib/format";
import { ConfirmButton } from "../components/ConfirmButton";
import { DataTable } from "../components/DataTable";
import type { Report } from "./AuthoredProblemPage";
import { ExportPackage } from "./ExportPackage";
import { packageUrl, useRestore } from "./queries";
import type { AuthoredProblem, Version } from "./types";

interface Props {
  problem: AuthoredProblem;
  report: Report;
}

/** The versions, newest first: what changed in each, its package, and the way back to it. */
export function Versions({ problem, report }: Props) {
  // This hook is not in the row, because the row of the version loses its button before the answer is reported.
  const restore = useRestore(problem.slug);
  const goBack = (version: string) =>
    restore.mutate(version, {
      onSuccess: (answer) => report({ done: `${answer.done}.` }),
      onError: (error) => report({ error }),
    });
  return (
    <section aria-labelledby="versions-title">
      <h2 id="versions-title">
        <Trans>Versions</Trans>
      </h2>
      <DataTable
        label={t`Table of versions`}
        rows={problem.versions}
        rowKey={({ version }) => version}
        columns={[
          { title: t`Version`, cell: (version) => <Name version={version} />, namesRow: true },
          { title: t`Added`, cell: (version) => <Added version={version} />, cellClass: "time" },
          {
            title: t`Changed`,
            cell: (version) => <Changes version={version} isOldest={version === problem.versions.at(-1)} />,
          },
          { title: t`Package`, cell: (version) => <Downloads slug={problem.slug} version={version.version} /> },
          {
            title: t`Actions`,
            hasHiddenTitle: true,
            cell: (version) =>
              version.version === problem.newest ? null : (
                <GoBack problem={problem} version={version.version} goBack={goBack} disabled={restore.isPending} />
              ),
          },
        ]}
      />
    </section>
  );
}

function Name({ version }: { version: Version }) {
  return (
    <>
      <code title={version.version}>{version.version.slice(0, 8)}</code>
      <div className="muted small">
        {version.on_offer ? <Trans>published</Trans> : null}
        {version.on_offer && version.verified_at ? ", " : null}
        {version.verified_at ? <Trans>verified</Trans> : null}
      </div>
    </>
  );
}

function Added({ version }: { version: Version }) {
  return (
    <span title={formatDateTime(version.added_at)}>
      {formatAge(version.added_at)}
      {version.added_by ? (
        <div className="muted small">
          <Trans>by {version.added_by}</Trans>
        </div>
      ) : null}
    </span>
  );
}

function Downloads({ slug, version }: { slug: string; version: string }) {
  const name = version.slice(0, 8);
  return (
    <div className="downloads">
      <a href={packageUrl(slug, version, "served")} download aria-label={t`Download ${name} as served`}>
        <Trans>as served</Trans>
      </a>
      <a href={packageUrl(slug, version, "uploaded")} download aria-label={t`Download ${name} as uploaded`}>
        <Trans>as uploaded</Trans>
      </a>
      <ExportPackage slug={slug} version={version} />
    </div>
  );
}

const PARTS: Record<string, MessageDescriptor> = {
  statement: msg`statement`,
  settings: msg`settings`,
  tests: msg`tests`,
  validators: msg`validators`,
  submissions: msg`submissions`,
  attachments: msg`attachments`,
  include: msg`included files`,
  others: msg`other files`,
};

function Changes({ version, isOldest }: { version: Version; isOldest: boolean }) {
  if (isOldest) return <span className="muted">{t`the first version`}</span>;
  if (version.changes === null) return <span className="muted">–</span>;
  return (
    <ul className="changes">
      {version.changes.map((change) => {
        const part = PARTS[change.part];
        return (
          <li key={change.part} title={change.files.join("\n")}>
            {part ? i18n._(part) : change.part}: {countsOf(change)}
          </li>
        );
      })}
      {version.limits.map((limit) => (
        <li key={limit.name}>
          <code>{limit.name}</code>: {limit.before ?? "–"} → {limit.after ?? "–"}
        </li>
      ))}
    </ul>
  );
}

function countsOf({ added, removed, changed }: { added: number; removed: number; changed: number }): string {
  const counts = [
    added ? plural(added, { one: "# added", other: "# added" }) : "",
    changed ? plural(changed, { one: "# changed", other: "# changed" }) : "",
    removed ? plural(removed, { one: "# removed", other: "# removed" }) : "",
  ];
  return counts.filter(Boolean).join(", ");
}

interface GoBackProps {
  problem: AuthoredProblem;
  version: string;
  goBack: (version: string) => void;
  disabled: boolean;
}

function GoBack({ problem, version, goBack, disabled }: GoBackProps) {
  const name = version.slice(0, 8);
  return (
    <ConfirmButton
      label={t`Go back`}
      accessibleName={t`Go back to ${name}`}
      question={t`Go back to version ${name}?`}
      consequence={
        problem.state === "published"
          ? t`It is published at once. Verdicts do not change until you judge submissions again.`
          : t`It is the newest version again. The others stay in this list.`
      }
      disabled={disabled}
      onConfirm={() => goBack(version)}
    />
  );
}
