import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call } from "../api/client";
import { namesByLabel } from "../api/errorTexts";
import { ConfirmButton } from "../components/ConfirmButton";
import { CopyButton } from "../components/CopyButton";
import { DataTable } from "../components/DataTable";
import { ErrorAlert } from "../components/ErrorAlert";
import { Field } from "../components/Field";
import { QueryBoundary } from "../components/QueryBoundary";
import type { LearningPlatform, LearningPlatforms as Platforms } from "./types";

type Registration = Omit<LearningPlatform, "id">;

const KEY = ["admin", "lti"];
const PATH = "/admin/lti/platforms";

/** The learning platforms (LTI 1.3) that may launch into events here. */
export function LearningPlatforms() {
  const found = useQuery({ queryKey: KEY, queryFn: ({ signal }) => call<Platforms>(PATH, { signal }) });
  return (
    <>
      <div className="page-head">
        <h1>
          <Trans>Learning platforms</Trans>
        </h1>
      </div>
      <p className="muted">
        <Trans>
          Courses of Moodle, Canvas and others launch into events by LTI 1.3, and get the grades. Enter these addresses
          there, then register what the platform shows.
        </Trans>
      </p>
      <QueryBoundary query={found} subject={t`the learning platforms`}>
        {(all) => (
          <>
            <Addresses all={all} />
            <PlatformTable all={all} />
          </>
        )}
      </QueryBoundary>
      <Register />
    </>
  );
}

function Addresses({ all }: { all: Platforms }) {
  const addresses = [
    [t`Login initiation`, all.login_url],
    [t`Redirection, tool and content selection`, all.launch_url],
    [t`Public keyset`, all.keys_url],
  ] as const;
  return (
    <>
      <DataTable
        label={t`Addresses for the platform`}
        rows={addresses}
        rowKey={([name]) => name}
        columns={[
          { title: <Trans>Address of</Trans>, namesRow: true, cell: ([name]) => name },
          { title: <Trans>Address</Trans>, cell: ([, url]) => <code>{url}</code> },
          {
            title: <Trans>Copy</Trans>,
            hasHiddenTitle: true,
            cell: ([name, url]) => <CopyButton text={url} subject={name} />,
          },
        ]}
      />
      {all.pending_grades > 0 ? (
        <p role="status">
          {plural(all.pending_grades, { one: "# grade waits to be sent.", other: "# grades wait to be sent." })}
        </p>
      ) : null}
    </>
  );
}

function PlatformTable({ all }: { all: Platforms }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: (id: string) => call(`${PATH}/${id}`, { method: "DELETE" }),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  if (all.platforms.length === 0)
    return (
      <p className="muted">
        <Trans>No platform is registered.</Trans>
      </p>
    );
  return (
    <>
      <DataTable
        label={t`Learning platforms`}
        rows={all.platforms}
        rowKey={(each) => each.id}
        columns={[
          { title: <Trans>Title</Trans>, namesRow: true, cell: (each) => each.title },
          { title: <Trans>Issuer</Trans>, cell: (each) => each.issuer },
          { title: <Trans>Client id</Trans>, cell: (each) => each.client_id },
          { title: <Trans>Deployments</Trans>, cell: (each) => each.deployments.join(", "), className: "wide-only" },
          {
            title: <Trans>Actions</Trans>,
            hasHiddenTitle: true,
            cellClass: "actions",
            cell: (each) => (
              <ConfirmButton
                label={t`Remove`}
                accessibleName={t`Remove ${each.title}`}
                question={t`Remove this platform?`}
                consequence={t`Its launches are refused, and no grades are sent to it. Accounts and members stay.`}
                disabled={remove.isPending}
                onConfirm={() => remove.mutate(each.id)}
              />
            ),
          },
        ]}
      />
      {remove.error ? <ErrorAlert error={remove.error} /> : null}
    </>
  );
}

const fields = () =>
  [
    ["title", t`Title`, t`what people call the platform`],
    ["issuer", t`Issuer`, t`also called platform id`],
    ["client_id", t`Client id`, undefined],
    ["auth_url", t`Authentication request address`, undefined],
    ["token_url", t`Access token address`, undefined],
    ["jwks_url", t`Public keyset address of the platform`, undefined],
    ["deployments", t`Deployment ids`, t`with spaces between`],
  ] as const;

function Register() {
  const queries = useQueryClient();
  const labels = Object.fromEntries(fields().map(([name, label]) => [name, label]));
  const [given, setGiven] = useState<Record<string, string>>({});
  const add = useMutation({
    mutationFn: (body: Registration) => call(PATH, { method: "POST", body }),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  const submit = (form: FormEvent) => {
    form.preventDefault();
    const deployments = (given.deployments ?? "").split(/\s+/).filter(Boolean);
    // Text that was typed while the request was under way stays.
    const onSuccess = () => setGiven((now) => (now === given ? {} : now));
    add.mutate({ ...given, deployments } as Registration, { onSuccess });
  };
  return (
    <section>
      <h2>
        <Trans>Register a platform</Trans>
      </h2>
      <form className="form" onSubmit={submit}>
        {fields().map(([name, label, hint]) => (
          <Field
            key={name}
            label={label}
            hint={hint}
            required
            value={given[name] ?? ""}
            onChange={(e) => setGiven({ ...given, [name]: e.target.value })}
          />
        ))}
        {add.error ? <ErrorAlert error={add.error} nameOf={namesByLabel(labels)} /> : null}
        <button type="submit" className="button primary" disabled={add.isPending}>
          <Trans>Register</Trans>
        </button>
      </form>
    </section>
  );
}
