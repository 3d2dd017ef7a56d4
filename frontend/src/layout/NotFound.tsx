import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "../lib/routing";
import { usePageTitle } from "../lib/usePageTitle";

export function NotFound({ subject = t`page` }: { subject?: string }) {
  usePageTitle(t`Not found`);
  return (
    <div className="narrow">
      <h1>
        <Trans>There is no such {subject}</Trans>
      </h1>
      <p>
        <Trans>The address may be mistyped, or it belongs to another account.</Trans>
      </p>
      <p>
        <Link to="/problems">
          <Trans>To the problems</Trans>
        </Link>
      </p>
    </div>
  );
}
