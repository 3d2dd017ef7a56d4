import { NavLink, Route, Switch } from "../furniture/routing";
import { usePageTitle } from "../furniture/usePageTitle";
import { useMe } from "../session/me";
import { SignInFirst } from "../session/SignInFirst";
import { NotFound } from "../shell/NotFound";
import { Accounts } from "./Accounts";
import { Audit } from "./Audit";
import { Dashboard } from "./Dashboard";
import { Invite } from "./Invite";
import { Languages } from "./Languages";
import { LiveContext } from "./live";
import { NoticeBar } from "./NoticeBar";
import { Problems } from "./Problems";
import { Submissions } from "./Submissions";
import { useOperatingStream } from "./useOperatingStream";
import { Workers } from "./Workers";
import "./admin.css";

const ROOMS = [
  ["", "Queues"],
  ["submissions", "Submissions"],
  ["workers", "Workers"],
  ["problems", "Problems"],
  ["languages", "Languages"],
  ["accounts", "Accounts"],
  ["audit", "Audit log"],
] as const;

/** The operator's rooms. The server refuses their numbers to anybody else; this only says so kindly. */
export default function AdminPage() {
  usePageTitle("Operating");
  return (
    <SignInFirst why="Sign in as an administrator to operate this judge.">
      <AdminOnly />
    </SignInFirst>
  );
}

function AdminOnly() {
  const me = useMe().data;
  if (me?.role === "admin") return <Operating />;
  return (
    <div className="narrow">
      <h1>For administrators</h1>
      <p>Your account has the role {me?.role}. Operating needs the role admin.</p>
    </div>
  );
}

function Operating() {
  const isLive = useOperatingStream();
  return (
    <LiveContext value={isLive}>
      <div className="admin">
        <nav className="admin-nav" aria-label="Operating">
          {ROOMS.map(([path, title]) => (
            <NavLink key={path} to={`/admin/${path}`} end={path === ""}>
              {title}
            </NavLink>
          ))}
          <p className={isLive ? "live-mark" : "live-mark live-not"} title="How these pages learn what is new">
            {isLive ? "live" : "asking every 2 s"}
          </p>
        </nav>
        <div className="admin-room">
          <NoticeBar />
          <OperatorsRooms />
        </div>
      </div>
    </LiveContext>
  );
}

function OperatorsRooms() {
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
