import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ConfirmButton } from "../components/ConfirmButton";
import { CopyButton } from "../components/CopyButton";
import { ErrorAlert } from "../components/ErrorAlert";
import { useMakeLink, useRevokeLink, useSubmissionLink } from "./queries";
import "./sharing.css";

/** Makes, copies and revokes the public link of the user's own submission. */
export default function ShareLink({ id }: { id: string }) {
  const link = useSubmissionLink(id);
  const make = useMakeLink(id);
  const revoke = useRevokeLink(id);
  const path = link.data?.path;
  const error = link.error ?? make.error ?? revoke.error;
  return (
    <>
      {path ? (
        <span className="public-link">
          <Trans>Public:</Trans> <code>{path.slice(0, 14)}…</code>
          <CopyButton text={`${location.origin}${path}`} subject={t`public link`} label={t`Copy public link`} />
          <ConfirmButton
            label={t`Revoke`}
            question={t`Revoke the public link?`}
            consequence={t`People who have the link can no longer read this submission. A new link will be a different one.`}
            disabled={revoke.isPending}
            onConfirm={() => revoke.mutate()}
          />
        </span>
      ) : (
        <ConfirmButton
          label={t`Share`}
          question={t`Make a public link?`}
          consequence={t`Everybody who has the link can read the source, its verdict, time and memory, without an account. Your name and the tests are not shown. You can revoke the link.`}
          disabled={!link.data || make.isPending}
          onConfirm={() => make.mutate()}
        />
      )}
      {error ? <ErrorAlert error={error} /> : null}
    </>
  );
}
