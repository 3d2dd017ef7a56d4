import { Link } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { useProblems } from "../problems/queries";
import { useCurrentAccount } from "../auth/queries";
import { CurlExample } from "./CurlExample";
import "./home.css";

const FEATURES = [
  [
    "Nothing accepted is lost",
    "A submission is in the database before the server accepts it. Queues may fall over; it is judged all the same.",
  ],
  [
    "Premium does not wait",
    "Two queues, each with workers of its own. A crowd in one does not move the other.",
  ],
  [
    "A box for every program",
    "No network, no other people's files, hard limits on time, memory and output, counted by the kernel.",
  ],
] as const;

/** The landing page: what Gavel is and how to try it. */
export function HomePage() {
  usePageTitle("");
  const me = useCurrentAccount().data;
  const first = useProblems().data?.[0];
  return (
    <div className="home">
      <section className="hero">
        <h1>Write it. Submit it. Watch it judged.</h1>
        <p>
          Gavel is an online judge: it compiles your program, runs it against a problem's tests in a sandbox,
          and shows every test as it falls.
        </p>
        <div className="hero-actions">
          <Link className="button primary large" to={first ? `/problems/${first.slug}` : "/problems"}>
            {first ? `Solve “${first.name}”` : "See the problems"}
          </Link>
          {me ? null : (
            <Link className="button large" to="/sign-up">
              Make an account
            </Link>
          )}
        </div>
      </section>
      <FirstSteps slug={first?.slug} isSignedIn={Boolean(me)} />
      <ul className="features">
        {FEATURES.map(([title, text]) => (
          <li key={title}>
            <h2>{title}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ul>
      <CurlExample problem={first?.slug ?? "SLUG"} />
    </div>
  );
}

/** Three steps to a first verdict: the starter code of the first problem is a correct solution. */
function FirstSteps({ slug, isSignedIn }: { slug: string | undefined; isSignedIn: boolean }) {
  return (
    <section aria-labelledby="first-steps-title">
      <h2 id="first-steps-title">Try it in a minute</h2>
      <ol className="steps">
        <li>
          {isSignedIn ? "You are signed in" : <Link to="/sign-up">Make an account</Link>}
          <span className="muted">a name and a password, nothing else</span>
        </li>
        <li>
          <Link to={slug ? `/problems/${slug}` : "/problems"}>Open a problem</Link>
          <span className="muted">pick a language; the starter code reads two numbers and adds them</span>
        </li>
        <li>
          Press Submit
          <span className="muted">or Ctrl + Enter, and watch the tests fill one by one</span>
        </li>
      </ol>
    </section>
  );
}
