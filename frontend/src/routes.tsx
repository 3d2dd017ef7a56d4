import { t } from "@lingui/core/macro";
import { lazy, Suspense } from "react";
import {
  TEXTS_OF_ACCOUNT,
  TEXTS_OF_ADMIN,
  TEXTS_OF_AUTHORING,
  TEXTS_OF_EVENTS,
  TEXTS_OF_HOME,
  TEXTS_OF_SHARING,
  TEXTS_OF_WEBHOOKS,
} from "./lib/catalogs";
import { lazyPage } from "./lib/lazyPage";
import { Redirect, Route, Switch, usePathname } from "./lib/routing";
import { ErrorBoundary } from "./components/ErrorBoundary";
import { Loading } from "./components/Loading";
import { NotFound } from "./layout/NotFound";
import { PageFailed } from "./layout/PageFailed";
import { PageLayout } from "./layout/PageLayout";

const HomePage = lazyPage(() => import("./home/HomePage"), TEXTS_OF_HOME);
const ProblemsPage = lazy(() => import("./problems/ProblemsPage"));
const ProblemPage = lazy(() => import("./problem/ProblemPage"));
const SolutionPage = lazyPage(() => import("./sharing/SolutionPage"), TEXTS_OF_SHARING);
const SharedPage = lazyPage(() => import("./sharing/SharedPage"), TEXTS_OF_SHARING);
const SubmissionsPage = lazy(() => import("./submissions/SubmissionsPage"));
const SubmissionPage = lazy(() => import("./submissions/SubmissionPage"));
const AccountPage = lazyPage(() => import("./account/AccountPage"), TEXTS_OF_ACCOUNT, TEXTS_OF_WEBHOOKS);
const NoticesPage = lazyPage(() => import("./account/NoticesPage"), TEXTS_OF_ACCOUNT);
const ForgotPasswordPage = lazyPage(() => import("./account/ForgotPasswordPage"), TEXTS_OF_ACCOUNT);
const LinkPage = lazyPage(() => import("./account/LinkPage"), TEXTS_OF_ACCOUNT);
const SignInPage = lazy(() => import("./auth/SignInPage"));
const SignUpPage = lazy(() => import("./auth/SignUpPage"));
const AuthoringPage = lazyPage(() => import("./authoring/AuthoringPage"), TEXTS_OF_AUTHORING);
const EventsPage = lazyPage(() => import("./events/EventsPage"), TEXTS_OF_EVENTS);
const EventPage = lazyPage(() => import("./events/EventPage"), TEXTS_OF_EVENTS);
const EventProblemPage = lazyPage(() => import("./events/EventProblemPage"), TEXTS_OF_EVENTS);
const ScoreboardPage = lazyPage(() => import("./events/ScoreboardPage"), TEXTS_OF_EVENTS);
const ResultsPage = lazyPage(() => import("./events/ResultsPage"), TEXTS_OF_EVENTS);
const InvitationsPage = lazyPage(() => import("./events/InvitationsPage"), TEXTS_OF_EVENTS);
const CandidateReportPage = lazyPage(() => import("./events/CandidateReportPage"), TEXTS_OF_EVENTS);
const InvitedPage = lazyPage(() => import("./events/InvitedPage"), TEXTS_OF_EVENTS);
const SimilarityPage = lazyPage(() => import("./events/SimilarityPage"), TEXTS_OF_EVENTS);
const ShadowPage = lazyPage(() => import("./events/ShadowPage"), TEXTS_OF_EVENTS);
const JuryPage = lazyPage(() => import("./events/JuryPage"), TEXTS_OF_EVENTS);
const AdminPage = lazyPage(() => import("./admin/AdminPage"), TEXTS_OF_ADMIN, TEXTS_OF_AUTHORING, TEXTS_OF_WEBHOOKS);

/** The route table. The server has the same list in judge_api/views/pages.py. */
export function Routes() {
  return (
    <PageLayout>
      <ErrorBoundary resetKey={usePathname()} fallback={<PageFailed />}>
        <Suspense fallback={<Loading subject={t`the page`} />}>
          <Switch>
            <Route path="/" component={HomePage} />
            <Route path="/problems" component={ProblemsPage} />
            <Route path="/problems/:slug" component={ProblemPage} />
            <Route path="/problems/:slug/solution" component={SolutionPage} />
            <Route path="/shared/:token" component={SharedPage} />
            <Route path="/submissions" component={SubmissionsPage} />
            <Route path="/submissions/:id" component={SubmissionPage} />
            <Route path="/my-problems/*?" component={AuthoringPage} />
            <Route path="/events" component={EventsPage} />
            <Route path="/events/:slug" component={EventPage} />
            <Route path="/events/:slug/problems/:label" component={EventProblemPage} />
            <Route path="/events/:slug/scoreboard" component={ScoreboardPage} />
            <Route path="/events/:slug/results" component={ResultsPage} />
            <Route path="/events/:slug/similarity" component={SimilarityPage} />
            <Route path="/events/:slug/shadow" component={ShadowPage} />
            <Route path="/events/:slug/jury" component={JuryPage} />
            <Route path="/events/:slug/invitations" component={InvitationsPage} />
            <Route path="/events/:slug/invitations/:id" component={CandidateReportPage} />
            <Route path="/events/:slug/report" component={CandidateReportPage} />
            <Route path="/invited" component={InvitedPage} />
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
      </ErrorBoundary>
    </PageLayout>
  );
}
