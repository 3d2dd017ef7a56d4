import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link, NavLink } from "../lib/routing";
import { useCurrentAccount } from "../auth/queries";
import { AccountMenu } from "./AccountMenu";
import { ThemeSwitch } from "./ThemeSwitch";

function GeneralLinks() {
  return (
    <>
      <NavLink to="/problems">
        <Trans>Problems</Trans>
      </NavLink>
      <NavLink to="/events">
        <Trans>Events</Trans>
      </NavLink>
    </>
  );
}

export function Header() {
  const me = useCurrentAccount().data;
  return (
    <header className="header">
      <Link to="/" className="brand">
        <img src="/gavel.svg" alt="" width="26" height="26" />
        Gavel
      </Link>
      <nav aria-label={t`Main`}>
        {me?.event ? <NavLink to={`/events/${me.event}`}>{t`Your event`}</NavLink> : <GeneralLinks />}
        {me && !me.event ? (
          <NavLink to="/submissions">
            <Trans>Submissions</Trans>
          </NavLink>
        ) : null}
        {me?.role === "author" || me?.role === "admin" ? (
          <NavLink to="/my-problems">
            <Trans>My problems</Trans>
          </NavLink>
        ) : null}
        {me?.role === "admin" ? (
          <NavLink to="/admin/">
            <Trans>Operating</Trans>
          </NavLink>
        ) : null}
      </nav>
      <div className="header-end">
        <ThemeSwitch />
        <AccountMenu />
      </div>
    </header>
  );
}
