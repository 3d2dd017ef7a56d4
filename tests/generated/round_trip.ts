// Compiled with the client that openapi-generator makes, and run by Node.js: submits, follows and lists by its functions.
import { Configuration, SubmissionsApi } from "./client";

declare const process: { argv: string[] };

async function main(): Promise<void> {
  const [url, key] = process.argv.slice(2) as [string, string];
  const api = new SubmissionsApi(new Configuration({ basePath: url, accessToken: key }));
  const source = "print(sum(map(int, input().split())))";
  const accepted = await api.submit({ submissionIn: { problem: "aplusb", language: "python3", source } });
  let status = await api.showStatus({ id: accepted.id, wait: 10 });
  for (let tries = 0; tries < 6 && status.state !== "SUCCESS" && status.state !== "FAILURE"; tries++) {
    status = await api.showStatus({ id: accepted.id, wait: 10 });
  }
  const newest = (await api.listSubmissions({})).submissions[0];
  console.log(JSON.stringify({ verdict: status.verdict, is_newest: newest?.id === accepted.id }));
}

main();
