import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "./furniture/routing";
import { Loading } from "./furniture/Loading";
import { NotFound } from "./shell/NotFound";
import { Shell } from "./shell/Shell";
import { WelcomePage } from "./welcome/WelcomePage";

const ProblemsPage = lazy(() => import("./problems/ProblemsPage"));
const SolvingPage = lazy(() => import("./solving/SolvingPage"));
const SubmissionsPage = lazy(() => import("./submissions/SubmissionsPage"));
const SubmissionPage = lazy(() => import("./submissions/SubmissionPage"));
const AccountPage = lazy(() => import("./account/AccountPage"));
const SignInPage = lazy(() => import("./session/SignInPage"));
const SignUpPage = lazy(() => import("./session/SignUpPage"));
const AdminPage = lazy(() => import("./admin/AdminPage"));

/** Which address leads to which room. The server knows the same list: judge_api/views/pages.py. */
export function Rooms() {
  return (
    <Shell>
      <Suspense fallback={<Loading what="the page" />}>
        <Switch>
          <Route path="/" component={WelcomePage} />
          <Route path="/problems" component={ProblemsPage} />
          <Route path="/problems/:slug" component={SolvingPage} />
          <Route path="/submissions" component={SubmissionsPage} />
          <Route path="/submissions/:id" component={SubmissionPage} />
          <Route path="/account" component={AccountPage} />
          <Route path="/sign-in" component={SignInPage} />
          <Route path="/sign-up" component={SignUpPage} />
          <Route path="/admin/*?" component={AdminPage} />
          <Route path="/index.html">
            <Redirect to="/" replace />
          </Route>
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </Suspense>
    </Shell>
  );
}
