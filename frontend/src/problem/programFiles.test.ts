import { i18n } from "@lingui/core";
import { expect, test } from "vitest";
import { nameOfFile, programOf, readProgram } from "./programFiles";

i18n.loadAndActivate({ locale: "en", messages: {} });

const file = (name: string, content: string | Uint8Array<ArrayBuffer>) => new File([content], name);

test("several files are sent by their names, bytes in base64", async () => {
  const chosen = [file("main.py", "import x\n"), file("odd.bin", new Uint8Array([0, 255]))];
  expect(await readProgram(chosen, "main.py")).toEqual({
    files: [
      { name: "main.py", content: "import x\n" },
      { name: "odd.bin", content_base64: "AP8=" },
    ],
    entry_point: "main.py",
  });
});

test("a submission of several files is submitted again with all of them", () => {
  const files = [
    { name: "main.py", content: "import x\n" },
    { name: "odd.bin", content: "\ufffd", content_base64: "AP8=" },
  ];
  expect(programOf({ source: "import x\n", files, entry_point: "main.py" })).toEqual({
    files: [
      { name: "main.py", content: "import x\n" },
      { name: "odd.bin", content_base64: "AP8=" },
    ],
    entry_point: "main.py",
  });
  expect(programOf({ source: "x", files: null, entry_point: null })).toEqual({ source: "x" });
});

test("a single zip is sent as an archive", async () => {
  expect(await readProgram([file("all.ZIP", new Uint8Array([80, 75]))], "")).toEqual({ archive: "UEs=" });
});

test("the file that is too large is named", async () => {
  const chosen = [file("a.py", "x"), file("big.txt", new Uint8Array(3_000_001))];
  await expect(readProgram(chosen, "")).rejects.toThrow(/big\.txt/);
});

test("a field of the answer is named by its file", () => {
  const chosen = [file("a.py", ""), file("b c!.py", "")];
  expect(nameOfFile("files.1.name", chosen)).toBe("b c!.py");
  expect(nameOfFile("archive", chosen)).toBeUndefined();
});
