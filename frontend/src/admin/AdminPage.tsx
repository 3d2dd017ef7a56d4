import { NavLink, Route, Switch } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { useCurrentAccount } from "../auth/queries";
import { RequireSignIn } from "../auth/RequireSignIn";
import { NotFound } from "../layout/NotFound";
import { Accounts } from "./Accounts";
import { Audit } from "./Audit";
import { Dashboard } from "./Dashboard";
import { Invite } from "./Invite";
import { Languages } from "./Languages";
import { StreamContext } from "./streamContext";
import { ToastBar } from "./ToastBar";
import { Problems } from "./Problems";
import { Submissions } from "./Submissions";
import { useAdminStream } from "./useAdminStream";
import { Workers } from "./Workers";
import "./admin.css";

const SECTIONS = [
  ["", "Queues"],
  ["submissions", "Submissions"],
  ["workers", "Workers"],
  ["problems", "Problems"],
  ["languages", "Languages"],
  ["accounts", "Accounts"],
  ["audit", "Audit log"],
] as const;

/** The admin pages. The server refuses their data to other roles; this only explains it. */
export default function AdminPage() {
  usePageTitle("Operating");
  return (
    <RequireSignIn reason="Sign in as an administrator to operate this judge.">
      <AdminOnly />
    </RequireSignIn>
  );
}

function AdminOnly() {
  const me = useCurrentAccount().data;
  if (me?.role === "admin") return <AdminLayout />;
  return (
    <div className="narrow">
      <h1>For administrators</h1>
      <p>Your account has the role {me?.role}. Operating needs the role admin.</p>
    </div>
  );
}

function AdminLayout() {
  const isStreamOpen = useAdminStream();
  return (
    <StreamContext value={isStreamOpen}>
      <div className="admin">
        <nav className="admin-nav" aria-label="Operating">
          {SECTIONS.map(([path, title]) => (
            <NavLink key={path} to={`/admin/${path}`} end={path === ""}>
              {title}
            </NavLink>
          ))}
          <p className={isStreamOpen ? "stream-state" : "stream-state stream-closed"} title="How these pages learn what is new">
            {isStreamOpen ? "live" : "asking every 2 s"}
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
        <Invite />
      </Route>
      <Route path="/admin/audit" component={Audit} />
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}
