import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type LiveStatus, useLiveStatus } from "../live/useLiveStatus";
import { call } from "../wire/client";
import { onceKey } from "../wire/once";
import type { Accepted, Status } from "../wire/types";

export interface Answer {
  problem: string;
  language: string;
  source: string;
}

/** One input; without any, the problem's samples are run. */
export interface RunInput {
  stdin?: string;
  expected_output?: string;
}

export interface OwnRun extends RunInput {
  language: string;
  source: string;
  problem?: string;
}

export interface Judging extends LiveStatus {
  id: string | null;
  /** On its way to the server: no second one goes out meanwhile. */
  isSending: boolean;
  error: Error | null;
}

/** Submit for the record; the same press of the button is one submission, however often the line breaks. */
export function useSubmit() {
  return useJudging<Answer>("/submissions");
}

/** Run with an input of one's own: nothing is recorded against the problem. */
export function useRun() {
  return useJudging<OwnRun>("/runs");
}

function useJudging<Body extends { language: string; problem?: string }>(path: string) {
  const [sent, setSent] = useState<Status | null>(null);
  const queries = useQueryClient();
  const post = useMutation({
    mutationFn: (body: Body) =>
      call<Accepted>(path, { method: "POST", body, headers: { "Idempotency-Key": onceKey() } }),
    onSuccess: (accepted, body) => {
      setSent(freshStatus(accepted, body));
      void queries.invalidateQueries({ queryKey: ["submissions"] });
    },
    onMutate: () => setSent(null),
  });
  const live = useLiveStatus(sent?.id ?? null, sent);
  const judging: Judging = { ...live, id: sent?.id ?? null, isSending: post.isPending, error: post.error };
  return { judging, send: post.mutate };
}

/** What is true of a submission the moment it was accepted, until the first status comes. */
function freshStatus(accepted: Accepted, body: { language: string; problem?: string }): Status {
  return {
    id: accepted.id,
    serial: 0,
    state: "PENDING",
    stage: "QUEUED",
    queue: accepted.queue,
    problem: body.problem ?? null,
    language: body.language,
    verdict: null,
    status_code: null,
    status_msg: null,
    tests_done: 0,
    tests_total: 0,
    attempt: 1,
    cpu_ms: null,
    memory_kb: null,
    score: null,
    compile_output: null,
    submitted_at: new Date().toISOString(),
    started_at: null,
    finished_at: null,
  };
}
