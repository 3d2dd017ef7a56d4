import { Link } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";

export function NotFound({ subject = "page" }: { subject?: string }) {
  usePageTitle("Not found");
  return (
    <div className="narrow">
      <h1>There is no such {subject}</h1>
      <p>The address may be mistyped, or what was here belongs to somebody else.</p>
      <p>
        <Link to="/problems">To the problems</Link>
      </p>
    </div>
  );
}
