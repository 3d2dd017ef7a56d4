import { t } from "@lingui/core/macro";
import { call } from "../api/client";
import { idempotencyKey } from "../api/idempotencyKey";
import type { Accepted } from "../api/types";
import { untilFinal } from "../status-updates/untilFinal";
import { SHELL } from "./formatters";

const MISSING = 127;
/** The judge ends a long output with this. */
const CUT = /\n\[cut at \d+ bytes\]$/;

/** Formats a program by a run of this formatter in the sandbox. Throws an error if the workers do not have it. */
export async function formatted(command: string, stdin: string): Promise<string> {
  const body = { language: SHELL, source: `exec ${command}\n`, stdin };
  const headers = { "Idempotency-Key": idempotencyKey() };
  const { id } = await call<Accepted>("/runs", { method: "POST", body, headers });
  const status = await untilFinal(id);
  const [run] = status.tests ?? [];
  const name = command.split(" ")[0] ?? "";
  if (run?.exit_code === MISSING)
    throw new Error(
      t`This server has no ${name}, so it cannot format the program. An administrator can install ${name}.`,
    );
  const text = run?.output ?? "";
  if (status.verdict !== "AC" || !text.trim() || CUT.test(text))
    throw new Error(run?.stderr?.trim().slice(0, 300) || t`The program could not be formatted.`);
  return text;
}
