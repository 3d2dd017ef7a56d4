import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState } from "react";
import { Link, useSearchParams } from "../lib/routing";
import { Tabs } from "../components/Tabs";
import { usePageTitle } from "../lib/usePageTitle";
import { useSsoProviders } from "./queries";
import { SignInForm, type SignInMethod } from "./SignInForm";
import { SsoButtons } from "./SsoButtons";
import { SsoFault } from "./SsoFault";
import { useReturnAfterSignIn } from "./useReturnAfterSignIn";

const METHODS = [
  { name: "password", title: <Trans>Name and password</Trans> },
  { name: "key", title: <Trans>API key</Trans> },
] as const;

export default function SignInPage() {
  usePageTitle(t`Sign in`);
  const [method, setMethod] = useState<SignInMethod>("password");
  const [query] = useSearchParams();
  const signUp = useSsoProviders().data?.sign_up ?? "open";
  const returnToPage = useReturnAfterSignIn();
  return (
    <div className="narrow">
      <h1>
        <Trans>Sign in</Trans>
      </h1>
      <SsoFault />
      <SsoButtons />
      <Tabs label={t`How to sign in`} tabs={METHODS} open={method} choose={setMethod}>
        <SignInForm key={method} method={method} onSignedIn={returnToPage} />
      </Tabs>
      <p className="muted">
        <Link to="/forgot-password">
          <Trans>Forgotten password?</Trans>
        </Link>
      </p>
      {signUp === "open" || signUp === "invitation" ? (
        <p className="muted">
          <Trans>
            No account yet? <Link to={`/sign-up?${query}`}>Sign up</Link>
          </Trans>
        </p>
      ) : null}
    </div>
  );
}
