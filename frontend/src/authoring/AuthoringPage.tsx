import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Route, Switch } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { useCurrentAccount } from "../auth/queries";
import { RequireSignIn } from "../auth/RequireSignIn";
import { NotFound } from "../layout/NotFound";
import { AuthoredProblemPage } from "./AuthoredProblemPage";
import { EditProblemPage } from "./EditProblemPage";
import { MyProblems } from "./MyProblems";

/** The pages of authors. The server refuses their data to other roles. This component only explains the refusal. */
export default function AuthoringPage() {
  usePageTitle(t`My problems`);
  return (
    <RequireSignIn reason={t`Sign in as an author to see your problems.`}>
      <AuthorsOnly />
    </RequireSignIn>
  );
}

function AuthorsOnly() {
  const role = useCurrentAccount().data?.role;
  if (role === "user") {
    return (
      <div className="narrow">
        <h1>
          <Trans>For authors of problems</Trans>
        </h1>
        <p>
          <Trans>Adding problems needs the role author. An administrator gives it.</Trans>
        </p>
      </div>
    );
  }
  return (
    <Switch>
      <Route path="/my-problems" component={MyProblems} />
      <Route path="/my-problems/:slug" component={AuthoredProblemPage} />
      <Route path="/my-problems/:slug/edit" component={EditProblemPage} />
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}
