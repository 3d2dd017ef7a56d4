import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatAge, formatDateTime } from "../lib/format";
import { useNavigate } from "../lib/routing";
import { ConfirmButton } from "../components/ConfirmButton";
import { Loading } from "../components/Loading";
import { ErrorAlert } from "../components/ErrorAlert";
import { TableContainer } from "../components/TableContainer";
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
    <TableContainer label={t`Sessions`}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Signed in</Trans>
            </th>
            <th scope="col">
              <Trans>Made by</Trans>
            </th>
            <th scope="col">
              <Trans>Last used</Trans>
            </th>
            <th scope="col">
              <Trans>From</Trans>
            </th>
            <th scope="col">
              <Trans>Expires</Trans>
            </th>
            <th scope="col">
              <span className="visually-hidden">
                <Trans>Actions</Trans>
              </span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <SessionRow key={session.id} session={session} end={end} />
          ))}
        </tbody>
      </table>
    </TableContainer>
  );
}

function SessionRow({ session, end }: { session: Session; end: (id: string) => void }) {
  const begun = formatDateTime(session.created_at);
  return (
    <tr>
      <th scope="row" className="time">
        {begun}
      </th>
      <td>{methodInWords(session)}</td>
      <td className="time">{session.last_used_at ? formatAge(session.last_used_at) : t`never`}</td>
      <td>{session.address ?? "–"}</td>
      <td className="time">{session.expires_at ? formatDateTime(session.expires_at) : t`never`}</td>
      <td>
        {session.current ? (
          <Trans>this browser</Trans>
        ) : (
          <ConfirmButton
            label={t`End`}
            accessibleName={t`End the session of ${begun}`}
            question={t`End the session of ${begun}?`}
            consequence={t`Its browser has to sign in again.`}
            onConfirm={() => end(session.id)}
          />
        )}
      </td>
    </tr>
  );
}

function methodInWords(session: Session): string {
  if (session.made_from) return t`the key “${session.made_from.name}”`;
  return session.method === "link" ? t`a one-time link` : t`the password`;
}
