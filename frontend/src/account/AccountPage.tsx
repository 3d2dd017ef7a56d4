import { roleName, tierName } from "../lib/names";
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useNavigate } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { type CurrentAccount, useCurrentAccount, useSignOut } from "../auth/queries";
import { ErrorAlert } from "../components/ErrorAlert";
import { RequireSignIn } from "../auth/RequireSignIn";
import { TierBadge } from "../components/TierBadge";
import { Email } from "./Email";
import { Keys } from "./Keys";
import { PageLanguage } from "./PageLanguage";
import { Password } from "./Password";
import { Quotas } from "./Quotas";
import { SecondFactor } from "./SecondFactor";
import { Sessions } from "./Sessions";
import { SingleSignOn } from "./SingleSignOn";
import { YourData } from "./YourData";
import { YourWebhooks } from "./YourWebhooks";
import "./account.css";

export default function AccountPage() {
  usePageTitle(t`Account`);
  return (
    <RequireSignIn reason={t`Sign in to see your account and its keys.`}>
      <Account />
    </RequireSignIn>
  );
}

function Account() {
  const me = useCurrentAccount().data;
  if (!me) return null;
  return (
    <div className="wide account">
      <h1>{me.name}</h1>
      <p>
        <TierBadge tier={me.tier} /> {describeInWords(me)}
      </p>
      <Quotas me={me} />
      <PageLanguage me={me} />
      <Password me={me} />
      <Email me={me} />
      <SingleSignOn me={me} />
      <SecondFactor me={me} />
      <Keys role={me.role} />
      <Sessions />
      <YourWebhooks />
      <YourData me={me} />
      <SignOut />
    </div>
  );
}

function SignOut() {
  const signOut = useSignOut();
  const navigate = useNavigate();
  const leave = () => signOut.mutate(undefined, { onSuccess: () => navigate("/") });
  return (
    <>
      <button type="button" className="button" disabled={signOut.isPending} onClick={leave}>
        <Trans>Sign out of this browser</Trans>
      </button>
      {signOut.error ? <ErrorAlert error={signOut.error} /> : null}
    </>
  );
}

function describeInWords(me: CurrentAccount): string {
  const queue =
    me.tier === "normal"
      ? t`Your submissions go to the normal queue.`
      : t`Your submissions go to the ${tierName(me.tier)} queue, with workers of its own.`;
  return t`${queue} Role: ${roleName(me.role)}.`;
}
