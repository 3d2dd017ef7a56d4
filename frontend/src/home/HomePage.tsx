import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useLayoutEffect } from "react";
import { removeFirstPaint } from "../lib/firstPaint";
import { Link } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { useProblems } from "../problems/queries";
import { useCurrentAccount, useSsoProviders } from "../auth/queries";
import { CurlExample } from "./CurlExample";
import "./home.css";

const FEATURES = [
  [
    <Trans>Nothing accepted is lost</Trans>,
    <Trans>
      A submission is in the database before the server accepts it. If a queue fails, the submission is still judged.
    </Trans>,
  ],
  [
    <Trans>A queue for each tier</Trans>,
    <Trans>Each tier has a queue and workers of its own. A long queue of one tier does not delay another tier.</Trans>,
  ],
  [
    <Trans>A sandbox for every program</Trans>,
    <Trans>
      Each program runs without a network and without files of others. Its time, memory and output are limited.
    </Trans>,
  ],
] as const;

/** The landing page: what Gavel is and how to try it. */
export default function HomePage() {
  usePageTitle("");
  useLayoutEffect(removeFirstPaint, []);
  const me = useCurrentAccount().data;
  const first = useProblems().data?.[0];
  return (
    <div className="home">
      <section className="hero">
        <h1>
          <Trans>Write it. Submit it. Watch it judged.</Trans>
        </h1>
        <p>
          <Trans>
            Gavel is an online judge: it compiles your program, runs it against a problem's tests in a sandbox, and
            shows each test as soon as it is judged.
          </Trans>
        </p>
        <div className="hero-actions">
          <Link className="button primary large" to={first ? `/problems/${first.slug}` : "/problems"}>
            {first ? t`Solve “${first.name}”` : t`See the problems`}
          </Link>
          {me ? null : (
            <Link className="button large" to="/sign-up">
              <Trans>Make an account</Trans>
            </Link>
          )}
        </div>
      </section>
      <FirstSteps slug={first?.slug} isSignedIn={Boolean(me)} />
      <ul className="features">
        {FEATURES.map(([title, text], index) => (
          <li key={index}>
            <h2>{title}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ul>
      <CurlExample problem={first?.slug ?? "SLUG"} />
    </div>
  );
}

/** Three steps to a first verdict. In the sample problem aplusb the starter code is a correct solution. */
function FirstSteps({ slug, isSignedIn }: { slug: string | undefined; isSignedIn: boolean }) {
  const needsOnlyPassword = useSsoProviders().data?.sign_up === "open" && !isSignedIn;
  return (
    <section aria-labelledby="first-steps-title">
      <h2 id="first-steps-title">
        <Trans>Try it in a minute</Trans>
      </h2>
      <ol className="steps">
        <li>
          {isSignedIn ? (
            t`You are signed in`
          ) : (
            <Link to="/sign-up">
              <Trans>Make an account</Trans>
            </Link>
          )}
          {needsOnlyPassword ? (
            <span className="muted">
              <Trans>a name and a password, nothing else</Trans>
            </span>
          ) : null}
        </li>
        <li>
          <Link to={slug ? `/problems/${slug}` : "/problems"}>
            <Trans>Open a problem</Trans>
          </Link>
          <span className="muted">
            <Trans>pick a language; the editor has a small program to begin with</Trans>
          </span>
        </li>
        <li>
          <Trans>Press Submit</Trans>
          <span className="muted">
            <Trans>or Ctrl + Enter, and see each test as it is judged</Trans>
          </span>
        </li>
      </ol>
    </section>
  );
}
