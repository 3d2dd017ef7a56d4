import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatAge, formatDateTime } from "../lib/format";
import { useNavigate } from "../lib/routing";
import { ConfirmButton } from "../components/ConfirmButton";
import { Loading } from "../components/Loading";
import { ErrorAlert } from "../components/ErrorAlert";
import { DataTable } from "../components/DataTable";
import { type Session, useEndAllSessions, useEndSession, useSessions } from "./queries";

export function Sessions() {
  const sessions = useSessions();
  const end = useEndSession();
  return (
    <section aria-labelledby="sessions-title">
      <h2 id="sessions-title">
        <Trans>Sessions</Trans>
      </h2>
      <p className="muted">
        <Trans>Browsers that are signed in to this account.</Trans>
      </p>
      {end.error ? <ErrorAlert error={end.error} /> : null}
      {sessions.error ? (
        <ErrorAlert error={sessions.error} subject={t`the sessions`} retry={() => void sessions.refetch()} />
      ) : null}
      {sessions.isPending ? <Loading subject={t`the sessions`} /> : null}
      {sessions.data ? <SessionTable sessions={sessions.data} end={end.mutate} /> : null}
      <EndAll />
    </section>
  );
}

function EndAll() {
  const endAll = useEndAllSessions();
  const navigate = useNavigate();
  return (
    <>
      {endAll.error ? <ErrorAlert error={endAll.error} /> : null}
      <ConfirmButton
        className="button"
        disabled={endAll.isPending}
        label={t`Sign out everywhere`}
        question={t`Sign out everywhere?`}
        consequence={t`Every session ends, this one too. API keys stay valid.`}
        onConfirm={() => endAll.mutate(undefined, { onSuccess: () => navigate("/") })}
      />
    </>
  );
}

function SessionTable({ sessions, end }: { sessions: Session[]; end: (id: string) => void }) {
  return (
    <DataTable
      label={t`Sessions`}
      rows={sessions}
      rowKey={(session) => session.id}
      columns={[
        {
          title: t`Signed in`,
          cell: (session) => formatDateTime(session.created_at),
          cellClass: "time",
          namesRow: true,
        },
        { title: t`Made by`, cell: methodInWords },
        {
          title: t`Last used`,
          cell: (session) => (session.last_used_at ? formatAge(session.last_used_at) : t`never`),
          cellClass: "time",
        },
        { title: t`From`, cell: (session) => session.address ?? "–" },
        {
          title: t`Expires`,
          cell: (session) => (session.expires_at ? formatDateTime(session.expires_at) : t`never`),
          cellClass: "time",
        },
        { title: t`Actions`, hasHiddenTitle: true, cell: (session) => <End session={session} end={end} /> },
      ]}
    />
  );
}

function End({ session, end }: { session: Session; end: (id: string) => void }) {
  const begun = formatDateTime(session.created_at);
  if (session.current) return <Trans>this browser</Trans>;
  return (
    <ConfirmButton
      label={t`End`}
      accessibleName={t`End the session of ${begun}`}
      question={t`End the session of ${begun}?`}
      consequence={t`Its browser has to sign in again.`}
      onConfirm={() => end(session.id)}
    />
  );
}

function methodInWords(session: Session): string {
  if (session.made_from) return t`the key “${session.made_from.name}”`;
  if (session.method === "sso") return session.provider ? t`single sign-on (${session.provider})` : t`single sign-on`;
  return session.method === "link" ? t`a one-time link` : t`the password`;
}
