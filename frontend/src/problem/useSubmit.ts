import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { type LiveStatus, useLiveStatus } from "../status-updates/useLiveStatus";
import { ApiError } from "../api/ApiError";
import { call } from "../api/client";
import { idempotencyKey } from "../api/idempotencyKey";
import type { Accepted, Status } from "../api/types";
import { tellOtherTabs } from "../lib/otherTabs";
import type { Program } from "./programFiles";
import { rememberShown } from "./useLatestSubmission";

export interface SubmissionRequest extends Program {
  problem: string;
  language: string;
  event?: string;
}

/** The input of a run; without one, the problem's samples are run. */
export interface RunInput {
  stdin?: string;
  expected_output?: string;
}

export interface RunRequest extends RunInput {
  language: string;
  source: string;
  problem?: string;
}

export interface SubmissionProgress extends LiveStatus {
  id: string | null;
  /** The request is under way; no second one is sent meanwhile. */
  isSending: boolean;
  error: Error | null;
}

/** Submits for the record; one click makes one submission, even when the request is sent again. */
export function useSubmit() {
  return useTrackedPost<SubmissionRequest>("/submissions");
}

/** Runs with chosen input; nothing is recorded against the problem. */
export function useRun() {
  return useTrackedPost<RunRequest>("/runs");
}

function useTrackedPost<Body extends { language: string; problem?: string }>(path: string) {
  const [sent, setSent] = useState<Status | null>(null);
  const queries = useQueryClient();
  const unanswered = useRef<{ text: string; key: string } | null>(null);
  const post = useMutation({
    mutationFn: (body: Body) => {
      // After an error, the same program is sent with the same key, because the server may have stored the first
      // request.
      const text = JSON.stringify(body);
      const key = unanswered.current?.text === text ? unanswered.current.key : idempotencyKey();
      unanswered.current = { text, key };
      return call<Accepted>(path, { method: "POST", body, headers: { "Idempotency-Key": key } });
    },
    onSuccess: (accepted, body) => {
      unanswered.current = null;
      rememberShown(accepted.id);
      tellOtherTabs("submitted");
      setSent(initialStatus(accepted, body));
      void queries.invalidateQueries({ queryKey: ["submissions"] });
    },
    onMutate: () => setSent(null),
  });
  const live = useLiveStatus(sent?.id ?? null, sent);
  const progress: SubmissionProgress = { ...live, id: sent?.id ?? null, isSending: post.isPending, error: post.error };
  const [isGivenUp, setGivenUp] = useState(false);
  const sendAgain = () => post.variables && post.mutate(post.variables);
  return {
    progress,
    send: (body: Body) => {
      setGivenUp(false);
      post.mutate(body);
    },
    /** Shows an earlier submission, unless another program was sent on this page. */
    follow: (status: Status) => setSent((current) => (current || post.isPending ? current : status)),
    /** The session has ended. After signing in, `sendAgain` sends the same program once more. */
    needsSignIn: post.error instanceof ApiError && post.error.needsSignIn && !isGivenUp,
    sendAgain,
    giveUp: () => setGivenUp(true),
  };
}

/** The status of a submission that was just accepted, until its first status arrives. */
function initialStatus(accepted: Accepted, body: { language: string; problem?: string }): Status {
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
