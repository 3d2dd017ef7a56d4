import type { MadeInvitation } from "./types";

/** The people that a text names. Each line has a name and, after its last comma, an e-mail address. */
export function peopleFrom(text: string): { name: string; email: string | null }[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const at = line.lastIndexOf(",");
      const email = at < 0 ? "" : line.slice(at + 1).trim();
      return email.includes("@") ? { name: line.slice(0, at).trim(), email } : { name: line, email: null };
    });
}

/** The links as CSV. No cell begins like a formula of a spreadsheet. */
export function csvOf(made: readonly MadeInvitation[]): string {
  const lines = made.map((each) => [each.name, each.email ?? "", each.link].map(cell).join(","));
  return ["name,email,link", ...lines, ""].join("\r\n");
}

function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}
