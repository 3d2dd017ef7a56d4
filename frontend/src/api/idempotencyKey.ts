/**
 * A random Idempotency-Key: one click makes one submission, even when the request is sent again. It does not use
 * `crypto.randomUUID`, which browsers offer only on https and localhost; a class may use `http://10.0.0.5:8000`.
 */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
