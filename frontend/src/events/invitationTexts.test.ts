import { expect, test } from "vitest";
import { csvOf, peopleFrom } from "./invitationTexts";

test("a line has a name, and may have an address after a comma", () => {
  expect(peopleFrom("Ada Lovelace, ada@example.org\n\n Hopper, Grace \nBob")).toEqual([
    { name: "Ada Lovelace", email: "ada@example.org" },
    { name: "Hopper, Grace", email: null },
    { name: "Bob", email: null },
  ]);
});

test("no cell of the links' CSV is a formula or ends its line", () => {
  const made = [{ id: "1", name: '=1+1 "x"', email: null, link: "https://example.org/invited#gve_1" }];
  expect(csvOf(made)).toBe('name,email,link\r\n"\'=1+1 ""x""","","https://example.org/invited#gve_1"\r\n');
});
