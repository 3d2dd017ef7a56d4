import { Link } from "../furniture/routing";
import { usePageTitle } from "../furniture/usePageTitle";

export function NotFound({ what = "page" }: { what?: string }) {
  usePageTitle("Not found");
  return (
    <div className="narrow">
      <h1>There is no such {what}</h1>
      <p>The address may be mistyped, or what was here belongs to somebody else.</p>
      <p>
        <Link to="/problems">To the problems</Link>
      </p>
    </div>
  );
}
