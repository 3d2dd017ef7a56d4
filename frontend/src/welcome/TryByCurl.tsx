import { Block } from "../furniture/Block";

/** The same from a terminal: a judge is used by programs as much as by people. */
export function TryByCurl({ problem }: { problem: string }) {
  const command = [
    `curl ${location.origin}/submissions \\`,
    `  -H "Authorization: Bearer $GAVEL_KEY" -H "Content-Type: application/json" \\`,
    `  -d '{"problem": "${problem}", "language": "python3", "source": "print(sum(map(int, input().split())))"}'`,
  ].join("\n");
  return (
    <section className="by-curl">
      <h2>From a terminal</h2>
      <p>
        Make a key on your account page, then post a program. The answer names where its status is told.{" "}
        <a href="/docs">The whole API</a>
      </p>
      <Block title="Submit with curl" text={command} />
    </section>
  );
}
