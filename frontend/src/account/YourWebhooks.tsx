import { Trans } from "@lingui/react/macro";
import { Webhooks } from "../webhooks/Webhooks";

/** The addresses that get this account's verdicts. */
export function YourWebhooks() {
  return (
    <section aria-labelledby="webhooks-title">
      <h2 id="webhooks-title">
        <Trans>Webhooks</Trans>
      </h2>
      <p className="muted">
        <Trans>All your verdicts are sent to these addresses.</Trans>
      </p>
      <Webhooks base="/me/webhooks" />
    </section>
  );
}
