import { useNavigate } from "../furniture/routing";
import { usePageTitle } from "../furniture/usePageTitle";
import { type Me, useMe, useSignOut } from "../session/me";
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
      <SignOut />
    </div>
  );
}

function SignOut() {
  const signOut = useSignOut();
  const navigate = useNavigate();
  const leave = () => signOut.mutate(undefined, { onSuccess: () => navigate("/") });
  return (
    <button type="button" className="button" disabled={signOut.isPending} onClick={leave}>
      Sign out of this browser
    </button>
  );
}

function inWords(me: Me): string {
  const queue =
    me.tier === "premium"
      ? "Your submissions go to the premium queue, with workers of its own."
      : "Your submissions go to the normal queue.";
  return me.role === "user" ? queue : `${queue} Role: ${me.role}.`;
}
