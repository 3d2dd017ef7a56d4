// Compares programs with Dolos' library (https://dolos.ugent.be). It reads one JSON object from standard input
// and writes one to standard output. The programs are parsed and never run. dolos.py starts it with limits.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// Dolos' own defaults.
const KGRAM_LENGTH = 23;
const KGRAMS_IN_WINDOW = 17;
// Dolos finds the passages of a pair by comparing each occurrence with each other occurrence. A line that is repeated
// thousands of times would take minutes, so such a pair is listed without passages.
const MOST_COMPARISONS = 4_000_000;
const MOST_PASSAGES = 200;
const PARSE_MICROSECONDS = 2_000_000;

const [folder] = process.argv.slice(2);
const path = createRequire(`${folder}/package.json`).resolve("@dodona/dolos-lib");
const { File, FingerprintIndex, LanguagePicker, Pair } = await import(pathToFileURL(path).href);
const asked = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(await compare(asked)));

async function compare({ language, files, ignored, least, most, seconds }) {
  const until = Date.now() + seconds * 1000;
  const picked = await new LanguagePicker().findLanguage(language);
  const tokenizer = await picked.createTokenizer({ includeComments: false });
  tokenizer.parser?.setTimeoutMicros(PARSE_MICROSECONDS);
  const index = new FingerprintIndex(KGRAM_LENGTH, KGRAMS_IN_WINDOW);
  const leftOut = [];
  files.forEach((file, at) => {
    if (Date.now() > until) return leftOut.push([at, "time"]);
    const tokens = tokenized(tokenizer, file.text, at);
    if (typeof tokens === "string") leftOut.push([at, tokens]);
    else index.addFiles([tokens]);
  });
  for (const [at, text] of ignored.entries()) {
    const tokens = tokenized(tokenizer, text, -1 - at);
    if (typeof tokens !== "string") index.addIgnoredFile(tokens);
  }
  const entries = index.entries().map((entry) => described(entry, files[Number(entry.file.path)]));
  const isLate = () => Date.now() > until;
  const { pairs, isCut } = alike(entries, least, isLate);
  return {
    left_out: leftOut,
    cut: isCut,
    pairs: pairs.slice(0, most).map((pair) => ({
      left: Number(pair.left.entry.file.path),
      right: Number(pair.right.entry.file.path),
      similarity: pair.similarity,
      overlap: pair.overlap,
      ...passagesOf(pair, isLate),
    })),
    more: Math.max(0, pairs.length - most),
  };
}

/** The tokens of a program, or why it has none. */
function tokenized(tokenizer, text, at) {
  try {
    return tokenizer.tokenizeFile(new File(String(at), text));
  } catch (error) {
    return error instanceof RangeError ? "depth" : "parser";
  }
}

/** An entry of the index with the number of occurrences of each of its fingerprints. */
function described(entry, file) {
  const counts = new Map();
  for (const print of entry.shared) counts.set(print, print.occurrencesOf(entry.file).length);
  let ignored = 0;
  for (const print of entry.ignored) ignored += print.occurrencesOf(entry.file).length;
  return { entry, counts, owner: file.owner, isEarlier: file.earlier, size: entry.kgrams.length - ignored };
}

/** The pairs of different owners that are alike enough, the most similar first. */
function alike(entries, least, isLate) {
  const pairs = [];
  for (let i = 0; i < entries.length; i++) {
    if (isLate()) return { pairs: sorted(pairs), isCut: true };
    for (let j = i + 1; j < entries.length; j++) {
      const left = entries[i];
      const right = entries[j];
      if (left.owner === right.owner || (left.isEarlier && right.isEarlier)) continue;
      const size = left.size + right.size;
      const overlap = size > 0 ? overlapOf(left.counts, right.counts) : 0;
      if (overlap > 0 && overlap / size >= least) {
        pairs.push({ left, right, overlap, similarity: Math.min(1, overlap / size) });
      }
    }
  }
  return { pairs: sorted(pairs), isCut: false };
}

function sorted(pairs) {
  return pairs.sort((a, b) => b.similarity - a.similarity || b.overlap - a.overlap);
}

/** How many fingerprints of both programs occur in the other one too. */
function overlapOf(one, other) {
  const [small, large] = one.size < other.size ? [one, other] : [other, one];
  let found = 0;
  for (const [print, count] of small) {
    const there = large.get(print);
    if (there !== undefined) found += count + there;
  }
  return found;
}

/**
 * The length of the longest common passage, and the longest passages as Dolos finds them. Rows and columns count from 0.
 * There are none if finding them would take too long.
 */
function passagesOf({ left, right, overlap }, isLate) {
  let comparisons = 0;
  for (const [print, count] of left.counts) comparisons += count * (right.counts.get(print) ?? 0);
  if (isLate() || comparisons > MOST_COMPARISONS || (overlap / 2) ** 2 > 16 * MOST_COMPARISONS) {
    return { longest: 0, passages: [] };
  }
  const pair = new Pair(left.entry, right.entry);
  const passages = pair
    .buildFragments()
    .sort((a, b) => b.pairs.length - a.pairs.length)
    .slice(0, MOST_PASSAGES)
    .map((each) => [...region(each.leftSelection), ...region(each.rightSelection)]);
  return { longest: pair.longest, passages };
}

function region({ startRow, startCol, endRow, endCol }) {
  return [startRow, startCol, endRow, endCol];
}
