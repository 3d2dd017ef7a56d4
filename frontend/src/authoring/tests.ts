/**
 * The tests of a package, read from the paths of its files. A group is a folder. A test is a `.in` file and the other
 * files with its name.
 */

export interface Test {
  /** The name without a folder, such as `03-large`. */
  name: string;
  /** All files that belong to the test, with their paths. */
  files: string[];
  hasAnswer: boolean;
}

export interface Group {
  /** The folder, such as `data/secret/group1`. */
  folder: string;
  tests: Test[];
  /** The file of its settings, if it has one. */
  settings: string | null;
}

const ROOTS = ["data/sample", "data/secret"];
const SETTINGS = ["test_group.yaml", "testdata.yaml"];
const ANSWERS = /\.(out|a|ok|output|answer)$/;
const INPUTS = /\.(input|inp)$/;

function split(path: string): [folder: string, name: string] {
  const at = path.lastIndexOf("/");
  return [path.slice(0, at), path.slice(at + 1)];
}

function isBelow(folder: string): boolean {
  return ROOTS.some((root) => folder === root || folder.startsWith(`${root}/`));
}

/** The groups with their tests, in the order in which they are judged. The samples and the secret tests are always there. */
export function groupsOf(paths: readonly string[]): Group[] {
  const folders = new Set(ROOTS);
  for (const path of paths) {
    const [folder, name] = split(path);
    if (isBelow(folder) && (name.endsWith(".in") || SETTINGS.includes(name))) folders.add(folder);
  }
  return [...folders].sort().map((folder) => groupOf(folder, paths));
}

function groupOf(folder: string, paths: readonly string[]): Group {
  const here = paths.filter((path) => path.startsWith(`${folder}/`));
  const names = here.filter((path) => split(path)[0] === folder).map((path) => split(path)[1]);
  const stems = names.filter((name) => name.endsWith(".in")).map((name) => name.slice(0, -3));
  const settings = SETTINGS.find((name) => names.includes(name));
  return {
    folder,
    settings: settings ? `${folder}/${settings}` : null,
    tests: stems.sort(byName).map((name) => ({
      name,
      files: here.filter((path) => path.startsWith(`${folder}/${name}.`) && !isOfLongerName(path, folder, name, stems)),
      hasAnswer: names.includes(`${name}.ans`),
    })),
  };
}

/** Names are compared by their characters, as the judge does. */
function byName(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Whether a file belongs to another test, such as `1.b.in` beside `1.in`. */
function isOfLongerName(path: string, folder: string, name: string, stems: readonly string[]): boolean {
  return stems.some((stem) => stem.startsWith(`${name}.`) && path.startsWith(`${folder}/${stem}.`));
}

const NUMBERED = /^(\d+)([-_.]?)(.*)$/;

/** The name for one more test: the next number, with as many digits as the present names. */
export function nextName(names: readonly string[]): string {
  const numbers = names.flatMap((name) => NUMBERED.exec(name)?.[1] ?? []);
  const highest = Math.max(0, ...numbers.map(Number));
  const width = numbers.length > 0 ? Math.max(...numbers.map((number) => number.length)) : 2;
  return String(highest + 1).padStart(width, "0");
}

/**
 * The names after a test moved to another place. Each place keeps its number. The rest of a name moves with its test.
 * If the names are not numbered in their order, all get new numbers.
 */
export function reordered(names: readonly string[], from: number, to: number): string[] {
  const order = [...names];
  order.splice(to, 0, ...order.splice(from, 1));
  const width = Math.max(2, String(names.length).length);
  const numbers = names.map((name) => NUMBERED.exec(name)?.[1] ?? null);
  const isNumbered = numbers.every((number, at) => number !== null && numbers.indexOf(number) === at);
  return order.map((name, at) => {
    const rest = NUMBERED.exec(name)?.[3] ?? name;
    const number = isNumbered ? (numbers[at] ?? "") : String(at + 1).padStart(width, "0");
    return rest ? `${number}-${rest}` : number;
  });
}

/** The renames of files by which tests get new names and a folder. */
export function renamesOf(
  group: Group,
  names: ReadonlyMap<string, string>,
  folder: string = group.folder,
): Map<string, string> {
  const renames = new Map<string, string>();
  for (const test of group.tests) {
    const name = names.get(test.name);
    if (name === undefined || (name === test.name && folder === group.folder)) continue;
    for (const path of test.files)
      renames.set(path, `${folder}/${name}${path.slice(group.folder.length + 1 + test.name.length)}`);
  }
  return renames;
}

/** The name of an uploaded file as the format has it: `1.out`, `1.a` and `1.ok` are answers, too. */
export function uploadedName(name: string): string {
  return name.replace(ANSWERS, ".ans").replace(INPUTS, ".in");
}

/** Whether a test can have this name. */
export function isValidName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) && name.length <= 100;
}

const PICTURES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  svg: "image/svg+xml",
};

/** The path of the picture beside a test, if there is one. */
export function pictureOf(test: Test, folder: string): string | undefined {
  return Object.keys(PICTURES)
    .map((ending) => `${folder}/${test.name}.${ending}`)
    .find((path) => test.files.includes(path));
}

export function pictureType(path: string): string {
  return PICTURES[path.split(".").at(-1) ?? ""] ?? "application/octet-stream";
}

/** Whether a package with these files has a program that draws its tests. */
export function hasInputVisualizer(paths: readonly string[]): boolean {
  return paths.some((path) => /^input_visualizers?\//.test(path));
}
