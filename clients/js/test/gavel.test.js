import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { Gavel, GavelError, TimedOut } from "../gavel.js";

/** The server's answers, in turn; the last one is repeated. `null` closes the connection. */
let answers = [];
let requests = [];
let server;
let gavel;

before(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    requests.push({ method: request.method, url: request.url, headers: request.headers, body: body && JSON.parse(body) });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === null) return request.socket.destroy();
    const { status = 200, headers = {}, json = {} } = answer;
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(status === 304 || status === 204 ? undefined : JSON.stringify(json));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  gavel = new Gavel(`http://127.0.0.1:${server.address().port}/`, { key: "secret", patience: 5 });
});

after(() => server.close());

beforeEach(() => {
  answers = [{}];
  requests = [];
});

const SUM = { problem: "aplusb", language: "python3", source: "print(3)" };

test("a submission carries the API key and a new idempotency key", async () => {
  answers = [{ status: 202, json: { id: "1" } }];
  assert.equal((await gavel.submit(SUM)).id, "1");
  await gavel.submit(SUM, { idempotencyKey: "mine" });
  const [first, second] = requests;
  assert.deepEqual(first.body, SUM);
  assert.equal(first.headers.authorization, "Bearer secret");
  assert.match(first.headers["idempotency-key"], /^[0-9a-f-]{32,36}$/);
  assert.equal(second.headers["idempotency-key"], "mine");
});

test("a call is sent again with the same idempotency key after a broken connection and after a 503", async () => {
  answers = [null, { status: 503, headers: { "Retry-After": "0" } }, { status: 202, json: { id: "1" } }];
  assert.equal((await gavel.submit(SUM)).id, "1");
  assert.equal(requests.length, 3);
  assert.equal(new Set(requests.map((request) => request.headers["idempotency-key"])).size, 1);
});

test("a POST without an idempotency key is sent once", async () => {
  answers = [null];
  await assert.rejects(gavel.call("POST", "/admin/webhooks", { body: {} }), { name: "GavelError", status: 0 });
  assert.equal(requests.length, 1);
});

test("a call waits for a used-up limit within the patience", async () => {
  answers = [
    { status: 429, headers: { "Retry-After": "1" } },
    { status: 202, json: { id: "1" } },
  ];
  const began = Date.now();
  assert.equal((await gavel.submit(SUM)).id, "1");
  assert.ok(Date.now() - began >= 990);
});

test("a wait beyond the patience is an error that says how long", async () => {
  answers = [{ status: 429, headers: { "Retry-After": "60" }, json: { type: "/errors/too-many", detail: "too many" } }];
  await assert.rejects(gavel.submit(SUM), (error) => {
    assert.ok(error instanceof GavelError);
    assert.deepEqual([error.status, error.retryAfter, error.message], [429, 60, "too many"]);
    return true;
  });
});

test("a refusal names the fields that are wrong", async () => {
  const errors = [{ field: "language", message: "there is no language 'cobol'" }];
  answers = [{ status: 422, json: { type: "/errors/unknown-language", detail: "language: …", errors } }];
  await assert.rejects(gavel.submit(SUM), (error) => {
    assert.deepEqual(error.errors, errors);
    return true;
  });
  assert.equal(requests.length, 1);
});

test("files are sent by name, bytes in base64", async () => {
  answers = [{ status: 202, json: { id: "1" } }];
  const files = { "main.py": "import x", "odd.bin": new Uint8Array([0, 255]) };
  await gavel.run({ language: "python3", files, stdin: "1" });
  assert.deepEqual(requests[0].body.files, [
    { name: "main.py", content: "import x" },
    { name: "odd.bin", content_base64: "AP8=" },
  ]);
});

test("a batch is sent in calls of a hundred, each with a new idempotency key", async () => {
  answers = [{ json: { results: [{ status: 202 }] } }];
  await gavel.submitBatch(Array(150).fill(SUM), { idempotencyKey: "k" });
  assert.deepEqual(requests.map((request) => request.body.submissions.length), [100, 50]);
  assert.deepEqual(requests.map((request) => request.headers["idempotency-key"]), ["k", "k-1"]);
});

test("watching yields the changes and ends with the final status", async () => {
  answers = [
    { headers: { ETag: '"1"' }, json: { state: "PENDING" } },
    { status: 304 },
    { headers: { ETag: '"2"' }, json: { state: "STARTED" } },
    { headers: { ETag: '"3"' }, json: { state: "SUCCESS", verdict: "AC" } },
  ];
  const seen = [];
  for await (const status of gavel.watch("a b")) seen.push(status.state);
  assert.deepEqual(seen, ["PENDING", "STARTED", "SUCCESS"]);
  assert.equal(requests[1].headers["if-none-match"], '"1"');
  assert.match(requests[0].url, /^\/status\/a%20b\?wait=25\.000&until=change$/);
});

test("a wait ends with the final status, or with an error after its time", async () => {
  answers = [{ json: { state: "STARTED" } }, { json: { state: "FAILURE" } }];
  assert.equal((await gavel.wait("1")).state, "FAILURE");
  assert.match(requests[0].url, /until=final/);
  answers = [{ json: { state: "STARTED" } }];
  await assert.rejects(gavel.wait("1", { seconds: 0 }), TimedOut);
});

test("a call can be aborted, also while it waits", async () => {
  answers = [{ status: 503 }];
  const abort = new AbortController();
  const call = gavel.status("1", { signal: abort.signal });
  abort.abort();
  await assert.rejects(call, { name: "AbortError" });
});
