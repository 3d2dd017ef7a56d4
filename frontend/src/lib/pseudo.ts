import type { Messages } from "@lingui/core";

const ACCENTS: Record<string, string> = { a: "áá", e: "éé", i: "íí", o: "óó", u: "úú", A: "ÁÁ", E: "ÉÉ", O: "ÓÓ" };
const OVERRIDE = "\u202e";
const END_OF_OVERRIDE = "\u202c";
const TAGS = /(<\/?\d+\/?>)/;

/** Makes messages longer by a third and adds accents, so that texts that are cut off or not translated are noticed. */
export function pseudoMessages(messages: Messages, locale: string): Messages {
  const isMirrored = locale.startsWith("ar");
  return Object.fromEntries(
    Object.entries(messages).map(([id, message]) => [id, changed(message, isMirrored) as Messages[string]]),
  );
}

/** A compiled message: a text, or a list of texts and of placeholders, whose plural forms are messages again. */
function changed(message: unknown, isMirrored: boolean): unknown {
  if (typeof message === "string") return pseudoText(message, isMirrored);
  if (!Array.isArray(message)) return message;
  return message.map((part: unknown) => {
    if (!Array.isArray(part)) return changed(part, isMirrored);
    const [name, kind, forms] = part as [unknown, unknown, unknown];
    if (typeof forms !== "object" || forms === null) return part;
    const entries = Object.entries(forms).map(([form, each]) => [
      form,
      form === "offset" ? each : changed(each, isMirrored),
    ]);
    return [name, kind, Object.fromEntries(entries)];
  });
}

function pseudoText(text: string, isMirrored: boolean): string {
  return text
    .split(TAGS)
    .map((part) => {
      if (TAGS.test(part) || !/\p{L}/u.test(part)) return part;
      const longer = part.replace(/[aeiouAEO]/g, (letter) => ACCENTS[letter] ?? letter);
      return isMirrored ? longer.replace(/\S(.*\S)?/s, (words) => OVERRIDE + words + END_OF_OVERRIDE) : longer;
    })
    .join("");
}
