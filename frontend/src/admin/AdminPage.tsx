import { NavLink, Route, Routes } from "react-router";
import { usePageTitle } from "../furniture/usePageTitle";
import { useMe } from "../session/me";
import { SignInFirst } from "../session/SignInFirst";
import { Accounts } from "./Accounts";
import { Audit } from "./Audit";
import { Dashboard } from "./Dashboard";
import { Invite } from "./Invite";
import { Languages } from "./Languages";
import { Problems } from "./Problems";
import { Submissions } from "./Submissions";
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
  if (me?.role !== "admin") {
    return (
      <div className="narrow">
        <h1>For administrators</h1>
        <p>Your account has the role {me?.role}. Operating needs the role admin.</p>
      </div>
    );
  }
  return (
    <div className="admin">
      <nav className="admin-nav" aria-label="Operating">
        {ROOMS.map(([path, title]) => (
          <NavLink key={path} to={`/admin/${path}`} end={path === ""}>
            {title}
          </NavLink>
        ))}
      </nav>
      <div className="admin-room">
        <Routes>
          <Route index element={<Dashboard />} />
          <Route path="submissions" element={<Submissions />} />
          <Route path="workers" element={<Workers />} />
          <Route path="problems" element={<Problems />} />
          <Route path="languages" element={<Languages />} />
          <Route
            path="accounts"
            element={
              <>
                <Accounts />
                <Invite />
              </>
            }
          />
          <Route path="audit" element={<Audit />} />
        </Routes>
      </div>
    </div>
  );
}
