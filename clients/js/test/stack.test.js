/** Against a running Gavel: `GAVEL_URL` and `GAVEL_KEY`. Run by tests/acceptance/test_js_client.py. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Gavel, isFinal } from "../gavel.js";

const { GAVEL_URL: url, GAVEL_KEY: key } = process.env;
const SOURCE = "print(sum(map(int, input().split())))\n";

if (url && key) {
  const gavel = new Gavel(url, { key, patience: 30 });

  test("a submission is judged", async () => {
    const accepted = await gavel.submit({ problem: "aplusb", language: "python3", source: SOURCE });
    assert.equal((await gavel.wait(accepted.id, { seconds: 60 })).verdict, "AC");
    assert.equal((await gavel.submission(accepted.id)).source, SOURCE);
  });

  test("the same idempotency key submits once", async () => {
    const submission = { problem: "aplusb", language: "python3", source: SOURCE };
    const key = `twice-${Date.now()}`;
    const first = await gavel.submit(submission, { idempotencyKey: key });
    const again = await gavel.submit(submission, { idempotencyKey: key });
    assert.deepEqual([again.id, again.replayed], [first.id, true]);
  });

  test("a run of several files is followed to its output", async () => {
    const files = { "main.py": "import part\nprint(part.X, input())\n", "part.py": "X = 42\n" };
    const accepted = await gavel.run({ language: "python3", files, stdin: "and more" });
    const states = [];
    let last;
    for await (const status of gavel.watch(accepted.id, { seconds: 60 })) {
      states.push(status.state);
      last = status;
    }
    assert.ok(isFinal(last));
    assert.equal(last.tests[0].output, "42 and more\n");
    assert.equal(states.at(-1), "SUCCESS");
  });

  test("a batch has a result for each item, and a wrong item does not refuse other items", async () => {
    const one = { language: "python3", source: "print(1)" };
    const [good, bad] = await gavel.runBatch([one, { ...one, language: "cobol" }]);
    assert.deepEqual([good.status, bad.status], [202, 422]);
    const statuses = await gavel.statuses([good.accepted.id, "01936b1e-7c00-7000-8000-000000000001"]);
    assert.deepEqual([statuses[0].id, statuses[1]], [good.accepted.id, null]);
  });
}
