// Drives piston-client of npm: SERVER LANGUAGE SOURCE STDIN; prints its answer.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.PISTON_CLIENT}/`);
const { piston } = await import(pathToFileURL(require.resolve("piston-client")));
const [server, language, source, stdin] = process.argv.slice(2);
const client = piston({ server });
const languages = (await client.runtimes()).map((one) => one.language).sort();
const answer = await client.execute(language, source, { stdin, args: [] });
console.log(JSON.stringify({ languages, output: answer.run?.output, code: answer.run?.code, answer }));
