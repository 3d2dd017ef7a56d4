import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type NodePath, parseSync, traverse } from "@babel/core";
import { getCatalogs } from "@lingui/cli/api";
import { getConfig } from "@lingui/conf";
import { expect, test } from "vitest";
import { LOCALES } from "../lib/i18n";
import { pseudoMessages } from "../lib/pseudo";

const SOURCE = join(import.meta.dirname, "..");
/** Attributes that a person reads or hears. */
const TEXT_ATTRIBUTES =
  /^(aria-label|aria-valuetext|title|placeholder|alt|label|subject|question|consequence|hint|reason|accessibleName|note|unit)$/;
const MACRO_TAGS = /^(Trans|Plural)$/;
const MACROS = /^(t|msg|plural)$/;
/** Two words, or one with a capital letter and lower-case ones. */
const LOOKS_LIKE_TEXT = /\p{L}{2,}[,:;.]? \p{L}|^[\s“(]*\p{Lu}\p{Ll}+/u;
/** Strings that look like text: keys, headers, media queries, fonts, curl's options, data for programs. */
const NOT_TEXT =
  /^(Arrow(Left|Right|Up|Down)|AbortError|Accept|Content-Type|Idempotency-Key|If-None-Match|ETag|Retry-After|X-CSRF-Token|Mod-.*|\s*-[Hd] .*|\(.*: .*\)|\d+px .*|[\d.]+rem .*|(italic )?1em .*|[Gg]avel|Vim|SLUG|.*; Path=.*|LearningResource|Main|Interaction|Kattis .*|zig fmt .*|Polygon|Export-Notes)$/;

interface Finding {
  file: string;
  line: number;
  text: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.|\.d\.ts$|(schemas|editor\/(words|fonts))\.ts$/.test(name))
    .map((name) => join(folder, name));
}

function textsOutsideCatalog(file: string): Finding[] {
  const code = readFileSync(file, "utf8");
  const tree = parseSync(code, {
    filename: file,
    babelrc: false,
    configFile: false,
    parserOpts: { plugins: ["typescript", "jsx"] },
  });
  if (!tree) throw new Error(`${file} cannot be parsed`);
  const found: Finding[] = [];
  const report = (path: NodePath, text: string) =>
    found.push({ file: relative(SOURCE, file), line: path.node.loc?.start.line ?? 0, text: text.trim() });
  traverse(tree, {
    JSXText(path) {
      const text = path.node.value.trim();
      if (/\p{L}/u.test(text) && !NOT_TEXT.test(text) && !isInMacro(path)) report(path, text);
    },
    StringLiteral(path) {
      if (isText(path, path.node.value)) report(path, path.node.value);
    },
    TemplateLiteral(path) {
      const text = path.node.quasis.map((part) => part.value.cooked ?? "").join("{}");
      if (isText(path, text)) report(path, text);
    },
  });
  return found;
}

function isText(path: NodePath, text: string): boolean {
  if (!/\p{L}/u.test(text) || isCode(path) || isInMacro(path)) return false;
  const attribute = path.findParent((parent) => parent.isJSXAttribute());
  if (attribute?.isJSXAttribute() && attribute.node.value === path.node)
    return TEXT_ATTRIBUTES.test(String(attribute.node.name.name));
  return LOOKS_LIKE_TEXT.test(text) && !NOT_TEXT.test(text);
}

/** Imports, types, class names, property names, and messages of exceptions for developers. */
function isCode(path: NodePath): boolean {
  if (path.key === "key" && path.parentPath?.isObjectProperty()) return true;
  return Boolean(
    path.findParent(
      (parent) =>
        parent.isImportDeclaration() ||
        parent.isTSType() ||
        (parent.isJSXAttribute() && /^(className|d|style|viewBox)$/.test(String(parent.node.name.name))) ||
        (parent.isObjectProperty() && /^(className|cellClass)$/.test(parent.get("key").toString())) ||
        (parent.isThrowStatement() && parent.get("argument").isNewExpression()),
    ),
  );
}

function isInMacro(path: NodePath): boolean {
  return Boolean(
    path.findParent(
      (parent) =>
        (parent.isJSXElement() && MACRO_TAGS.test(parent.get("openingElement.name").toString())) ||
        (parent.isTaggedTemplateExpression() && MACROS.test(parent.get("tag").toString())) ||
        (parent.isCallExpression() && MACROS.test(parent.get("callee").toString())),
    ),
  );
}

// It parses every source: more than the default five seconds on a busy machine.
test("every text of the pages is in the message catalog", { timeout: 60_000 }, () => {
  const found = sourceFiles(SOURCE).flatMap(textsOutsideCatalog);
  expect(found.map(({ file, line, text }) => `${file}:${line}: ${text}`)).toEqual([]);
});

test("the catalogs have each message of the source, and no other (npm run messages updates them)", async () => {
  for (const catalog of await getCatalogs(getConfig({ cwd: join(SOURCE, "..") }))) {
    const inSource = Object.keys((await catalog.collect()) ?? {});
    const inCatalog = Object.keys((await catalog.read("en")) ?? {});
    expect(inSource.length).toBeGreaterThan(0);
    expect(inCatalog.sort()).toEqual(inSource.sort());
  }
}, 60_000);

/** The names of placeholders and tags in a message, each once. */
function holesOf(message: string): string[] {
  return [...new Set(message.match(/\{\w+(?=[,}])|<\/?\d+\/?>/g) ?? [])].sort();
}

test("every language has each message, with the same placeholders", async () => {
  const faults: string[] = [];
  for (const catalog of await getCatalogs(getConfig({ cwd: join(SOURCE, "..") }))) {
    const english = Object.keys((await catalog.read("en")) ?? {}).sort();
    for (const locale of LOCALES) {
      const messages = (await catalog.read(locale)) ?? {};
      expect(Object.keys(messages).sort()).toEqual(english);
      for (const [id, { translation }] of Object.entries(messages)) {
        const text = translation || (locale === "en" ? id : "");
        if (!text) faults.push(`${locale}: "${id}" has no translation`);
        else if (holesOf(text).join() !== holesOf((messages[id]?.message ?? id) as string).join())
          faults.push(`${locale}: "${text}" has other placeholders than "${id}"`);
      }
    }
  }
  expect(faults).toEqual([]);
}, 60_000);

test("the pseudo-locale changes what is read, and nothing else", () => {
  const messages = {
    a: "Save",
    b: ["Hello ", ["name"], "!"],
    c: [["n", "plural", { one: ["# test"], other: ["# tests"] }]],
  };
  expect(pseudoMessages({ ...messages, d: "<0>Open</0> {x}" } as never, "en-XA")).toEqual({
    a: "Sáávéé",
    b: ["Hééllóó ", ["name"], "!"],
    c: [["n", "plural", { one: ["# téést"], other: ["# téésts"] }]],
    d: "<0>ÓÓpéén</0> {x}",
  });
  expect(pseudoMessages({ a: "Save" }, "ar-XB")).toEqual({ a: "\u202eSáávéé\u202c" });
});
