/**
 * A key that makes one press of a button one submission, however often the line breaks. Not `crypto.randomUUID`:
 * browsers have that only on https and localhost, and a class may well use a judge by `http://10.0.0.5:8000`.
 */
export function onceKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
