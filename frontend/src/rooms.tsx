import { lazy, Suspense } from "react";
import { Navigate, Route, Routes } from "react-router";
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

/** Which address leads to which room. The server knows the same list: judge_api/web/pages.py. */
export function Rooms() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<WelcomePage />} />
        <Route path="problems" element={<Later page={<ProblemsPage />} />} />
        <Route path="problems/:slug" element={<Later page={<SolvingPage />} />} />
        <Route path="submissions" element={<Later page={<SubmissionsPage />} />} />
        <Route path="submissions/:id" element={<Later page={<SubmissionPage />} />} />
        <Route path="account" element={<Later page={<AccountPage />} />} />
        <Route path="sign-in" element={<Later page={<SignInPage />} />} />
        <Route path="sign-up" element={<Later page={<SignUpPage />} />} />
        <Route path="admin/*" element={<Later page={<AdminPage />} />} />
        <Route path="index.html" element={<Navigate to="/" replace />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}

function Later({ page }: { page: React.ReactNode }) {
  return <Suspense fallback={<Loading what="the page" />}>{page}</Suspense>;
}
