import { roleName } from "../lib/names";
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { NavLink, Route, Switch } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { useCurrentAccount } from "../auth/queries";
import { RequireSignIn } from "../auth/RequireSignIn";
import { NotFound } from "../layout/NotFound";
import { Accounts } from "./Accounts";
import { Audit } from "./Audit";
import { Dashboard } from "./Dashboard";
import { ImportAccounts } from "./ImportAccounts";
import { Invite } from "./Invite";
import { Languages } from "./Languages";
import { LearningPlatforms } from "./LearningPlatforms";
import { Logs } from "./Logs";
import { OperatorWebhooks } from "./OperatorWebhooks";
import { StreamContext } from "./streamContext";
import { ToastBar } from "./ToastBar";
import { Problems } from "./Problems";
import { Submissions } from "./Submissions";
import { useAdminStream } from "./useAdminStream";
import { Workers } from "./Workers";
import "./admin.css";

const SECTIONS = [
  ["", <Trans>Queues</Trans>],
  ["submissions", <Trans>Submissions</Trans>],
  ["workers", <Trans>Workers</Trans>],
  ["problems", <Trans>Problems</Trans>],
  ["languages", <Trans>Languages</Trans>],
  ["accounts", <Trans>Accounts</Trans>],
  ["webhooks", <Trans>Webhooks</Trans>],
  ["lti", <Trans>Learning platforms</Trans>],
  ["logs", <Trans>Logs</Trans>],
  ["audit", <Trans>Audit log</Trans>],
] as const;

/** The admin pages. The server refuses their data to other roles. This component only explains the refusal. */
export default function AdminPage() {
  usePageTitle(t`Operating`);
  return (
    <RequireSignIn reason={t`Sign in as an administrator to operate this judge.`}>
      <AdminOnly />
    </RequireSignIn>
  );
}

function AdminOnly() {
  const me = useCurrentAccount().data;
  if (me?.role === "admin") return <AdminLayout />;
  const role = roleName(me?.role ?? "user");
  return (
    <div className="narrow">
      <h1>
        <Trans>For administrators</Trans>
      </h1>
      <p>
        <Trans>Your account has the role {role}. Operating needs the role admin.</Trans>
      </p>
    </div>
  );
}

function AdminLayout() {
  const isStreamOpen = useAdminStream();
  return (
    <StreamContext value={isStreamOpen}>
      <div className="admin">
        <nav className="admin-nav" aria-label={t`Operating`}>
          {SECTIONS.map(([path, title]) => (
            <NavLink key={path} to={`/admin/${path}`} end={path === ""}>
              {title}
            </NavLink>
          ))}
          <p
            className={isStreamOpen ? "stream-state" : "stream-state stream-closed"}
            title={t`How queues, workers and submissions are updated here`}
          >
            {isStreamOpen ? t`live` : t`asking every 2 s`}
          </p>
        </nav>
        <div className="admin-content">
          <ToastBar />
          <AdminRoutes />
        </div>
      </div>
    </StreamContext>
  );
}

function AdminRoutes() {
  return (
    <Switch>
      <Route path="/admin" component={Dashboard} />
      <Route path="/admin/submissions" component={Submissions} />
      <Route path="/admin/workers" component={Workers} />
      <Route path="/admin/problems" component={Problems} />
      <Route path="/admin/languages" component={Languages} />
      <Route path="/admin/accounts">
        <Accounts />
        <ImportAccounts />
        <Invite />
      </Route>
      <Route path="/admin/webhooks" component={OperatorWebhooks} />
      <Route path="/admin/lti" component={LearningPlatforms} />
      <Route path="/admin/logs" component={Logs} />
      <Route path="/admin/audit" component={Audit} />
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}
