import { Trans } from "@lingui/react/macro";
import { Webhooks } from "../webhooks/Webhooks";

/** The addresses to which messages about the installation are sent. */
export function OperatorWebhooks() {
  return (
    <>
      <div className="page-head">
        <h1>
          <Trans>Webhooks</Trans>
        </h1>
      </div>
      <p className="muted">
        <Trans>
          These addresses get a message when the queue is down or up again, a backlog begins or ends, a worker is lost,
          submissions could not be judged, or a rejudging has finished.
        </Trans>
      </p>
      <Webhooks base="/admin/webhooks" />
    </>
  );
}
