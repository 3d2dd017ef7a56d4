import { Link } from "../furniture/routing";
import { usePageTitle } from "../furniture/usePageTitle";
import { useProblems } from "../problems/queries";
import { useMe } from "../session/me";
import { TryByCurl } from "./TryByCurl";
import "./welcome.css";

const FACTS = [
  [
    "Nothing accepted is lost",
    "A submission is in the database before you are told so. Queues may fall over; it is judged all the same.",
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

/** What this is, and how to try it within a minute. */
export function WelcomePage() {
  usePageTitle("");
  const me = useMe().data;
  const first = useProblems().data?.[0];
  return (
    <div className="welcome">
      <section className="hero">
        <h1>Write it. Submit it. Watch it judged.</h1>
        <p>
          Gavel is an online judge: it compiles your program, runs it against a problem's tests in a sandbox,
          and shows every test as it falls.
        </p>
        <div className="hero-acts">
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
      <FirstMinute slug={first?.slug} isIn={Boolean(me)} />
      <ul className="promises">
        {FACTS.map(([title, text]) => (
          <li key={title}>
            <h2>{title}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ul>
      <TryByCurl problem={first?.slug ?? "SLUG"} />
    </div>
  );
}

/** Three steps, none of which needs more than a click: the starter code of the first problem is its answer. */
function FirstMinute({ slug, isIn }: { slug: string | undefined; isIn: boolean }) {
  return (
    <section aria-labelledby="minute-title">
      <h2 id="minute-title">Try it in a minute</h2>
      <ol className="steps">
        <li>
          {isIn ? "You are signed in" : <Link to="/sign-up">Make an account</Link>}
          <span className="faint">a name and a password, nothing else</span>
        </li>
        <li>
          <Link to={slug ? `/problems/${slug}` : "/problems"}>Open a problem</Link>
          <span className="faint">pick a language; the starter code reads two numbers and adds them</span>
        </li>
        <li>
          Press Submit
          <span className="faint">or Ctrl + Enter, and watch the tests fill one by one</span>
        </li>
      </ol>
    </section>
  );
}
