import { usePageTitle } from "../furniture/usePageTitle";
import { type Me, useMe } from "../session/me";
import { SignInFirst } from "../session/SignInFirst";
import { TierBadge } from "../shell/TierBadge";
import { Keys } from "./Keys";
import { Quotas } from "./Quotas";
import "./account.css";

export default function AccountPage() {
  usePageTitle("Account");
  return (
    <SignInFirst why="Sign in to see your account and its keys.">
      <Account />
    </SignInFirst>
  );
}

function Account() {
  const me = useMe().data;
  if (!me) return null;
  return (
    <div className="wide account">
      <h1>{me.name}</h1>
      <p>
        <TierBadge tier={me.tier} /> {inWords(me)}
      </p>
      <Quotas me={me} />
      <Keys />
    </div>
  );
}

function inWords(me: Me): string {
  const queue =
    me.tier === "premium"
      ? "Your submissions go to the premium queue, with workers of its own."
      : "Your submissions go to the normal queue.";
  return me.role === "user" ? queue : `${queue} Role: ${me.role}.`;
}
