import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { TextBlock } from "../components/TextBlock";

/** How to submit from a terminal. */
export function CurlExample({ problem }: { problem: string }) {
  const command = [
    `curl ${location.origin}/submissions \\`,
    `  -H "Authorization: Bearer $GAVEL_KEY" -H "Content-Type: application/json" \\`,
    `  -d '{"problem": "${problem}", "language": "python3", "source": "print(sum(map(int, input().split())))"}'`,
  ].join("\n");
  return (
    <section className="curl-example">
      <h2>
        <Trans>From a terminal</Trans>
      </h2>
      <p>
        <Trans>
          Make a key on your account page, then post a program. The answer has the URL of its status.{" "}
          <a href="/docs">The whole API</a>
        </Trans>
      </p>
      <TextBlock title={t`Submit with curl`} text={command} />
    </section>
  );
}
