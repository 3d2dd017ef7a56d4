/** The language whose run starts a formatter. */
export const SHELL = "bash";
const CLANG = "clang-format --assume-filename=main";

/** A formatter's command by the beginning of the language's id. A formatter reads a program and prints it formatted. */
const FORMATTERS: readonly (readonly [RegExp, string])[] = [
  [/^cpp/, `${CLANG}.cpp`],
  [/^c\d/, `${CLANG}.c`],
  [/^java$/, `${CLANG}.java`],
  [/^csharp$/, `${CLANG}.cs`],
  [/^(python|pypy)/, "black --quiet -"],
  [/^javascript$/, `${CLANG}.js`],
  [/^typescript$/, `${CLANG}.ts`],
  [/^go$/, "gofmt"],
  [/^rust$/, "rustfmt"],
  [/^zig$/, "zig fmt --stdin"],
  [/^bash$/, "shfmt"],
  [/^lua$/, "stylua -"],
];

/** The command of a language's formatter, if one is known. */
export function formatterOf(language: string): string | undefined {
  return FORMATTERS.find(([id]) => id.test(language))?.[1];
}
