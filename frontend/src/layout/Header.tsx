import { Link, NavLink } from "../lib/routing";
import { useCurrentAccount } from "../auth/queries";
import { AccountMenu } from "./AccountMenu";
import { ThemeSwitch } from "./ThemeSwitch";

export function Header() {
  const me = useCurrentAccount().data;
  return (
    <header className="header">
      <Link to="/" className="brand">
        <img src="/gavel.svg" alt="" width="26" height="26" />
        Gavel
      </Link>
      <nav aria-label="Main">
        <NavLink to="/problems">Problems</NavLink>
        {me ? <NavLink to="/submissions">Submissions</NavLink> : null}
        {me?.role === "admin" ? <NavLink to="/admin/">Operating</NavLink> : null}
      </nav>
      <div className="header-end">
        <ThemeSwitch />
        <AccountMenu />
      </div>
    </header>
  );
}
