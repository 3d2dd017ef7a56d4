import { t } from "@lingui/core/macro";
import { ErrorAlert } from "../components/ErrorAlert";
import { Loading } from "../components/Loading";
import { Link, useParams } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";
import { ProblemPanes } from "../problem/ProblemPanes";
import { useLanguages } from "../problems/queries";
import { Countdown } from "./Countdown";
import { NewMessages } from "./NewMessages";
import { useEvent, useEventProblem } from "./queries";
import "./events.css";

/** A problem of an event: what is submitted here is submitted into the event. */
export default function EventProblemPage() {
  const { slug = "", label = "" } = useParams();
  const event = useEvent(slug).data;
  const problem = useEventProblem(slug, label);
  const languages = useLanguages();
  usePageTitle(problem.data ? `${label} ${problem.data.name}` : label);
  if (problem.data && languages.data) {
    const allowed = event?.rules.languages ?? [];
    const offered = languages.data.filter((each) => allowed.length === 0 || allowed.includes(each.id));
    return (
      <>
        <div className="event-bar">
          <Link to={`/events/${slug}`}>{event?.title ?? slug}</Link>
          {event ? <Countdown event={event} /> : null}
          {event?.role === "member" ? <NewMessages event={event} /> : null}
        </div>
        <ProblemPanes key={problem.data.slug} problem={problem.data} languages={offered} event={slug} />
      </>
    );
  }
  const error = problem.error ?? languages.error;
  if (!error) return <Loading subject={t`the problem`} />;
  const retry = () => void Promise.all([problem.refetch(), languages.refetch()]);
  return (
    <div className="wide">
      <h1>{label}</h1>
      <ErrorAlert error={error} subject={t`the problem`} retry={retry} />
    </div>
  );
}
