import { t } from "@lingui/core/macro";
import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "./lib/routing";
import { Loading } from "./components/Loading";
import { NotFound } from "./layout/NotFound";
import { PageLayout } from "./layout/PageLayout";

const HomePage = lazy(() => import("./home/HomePage"));
const ProblemsPage = lazy(() => import("./problems/ProblemsPage"));
const ProblemPage = lazy(() => import("./problem/ProblemPage"));
const SubmissionsPage = lazy(() => import("./submissions/SubmissionsPage"));
const SubmissionPage = lazy(() => import("./submissions/SubmissionPage"));
const AccountPage = lazy(() => import("./account/AccountPage"));
const NoticesPage = lazy(() => import("./account/NoticesPage"));
const ForgotPasswordPage = lazy(() => import("./account/ForgotPasswordPage"));
const LinkPage = lazy(() => import("./account/LinkPage"));
const SignInPage = lazy(() => import("./auth/SignInPage"));
const SignUpPage = lazy(() => import("./auth/SignUpPage"));
const AuthoringPage = lazy(() => import("./authoring/AuthoringPage"));
const EventsPage = lazy(() => import("./events/EventsPage"));
const EventPage = lazy(() => import("./events/EventPage"));
const EventProblemPage = lazy(() => import("./events/EventProblemPage"));
const ScoreboardPage = lazy(() => import("./events/ScoreboardPage"));
const ResultsPage = lazy(() => import("./events/ResultsPage"));
const JuryPage = lazy(() => import("./events/JuryPage"));
const AdminPage = lazy(() => import("./admin/AdminPage"));

/** The route table. The server has the same list in judge_api/views/pages.py. */
export function Routes() {
  return (
    <PageLayout>
      <Suspense fallback={<Loading subject={t`the page`} />}>
        <Switch>
          <Route path="/" component={HomePage} />
          <Route path="/problems" component={ProblemsPage} />
          <Route path="/problems/:slug" component={ProblemPage} />
          <Route path="/submissions" component={SubmissionsPage} />
          <Route path="/submissions/:id" component={SubmissionPage} />
          <Route path="/my-problems/*?" component={AuthoringPage} />
          <Route path="/events" component={EventsPage} />
          <Route path="/events/:slug" component={EventPage} />
          <Route path="/events/:slug/problems/:label" component={EventProblemPage} />
          <Route path="/events/:slug/scoreboard" component={ScoreboardPage} />
          <Route path="/events/:slug/results" component={ResultsPage} />
          <Route path="/events/:slug/jury" component={JuryPage} />
          <Route path="/account" component={AccountPage} />
          <Route path="/notices" component={NoticesPage} />
          <Route path="/forgot-password" component={ForgotPasswordPage} />
          <Route path="/link" component={LinkPage} />
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
    </PageLayout>
  );
}
