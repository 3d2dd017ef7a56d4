import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { usePageTitle } from "../lib/usePageTitle";

/** Shown in place of a page that could not be loaded. */
export function PageFailed() {
  usePageTitle(t`Page not loaded`);
  return (
    <div className="narrow" role="alert">
      <h1>
        <Trans>This page could not be loaded</Trans>
      </h1>
      <p>
        <Trans>
          The connection was lost, or the server has a new release since you opened it. Check the connection and load
          the page again.
        </Trans>
      </p>
      <button type="button" className="button primary" onClick={() => location.reload()}>
        <Trans>Load the page again</Trans>
      </button>
    </div>
  );
}
