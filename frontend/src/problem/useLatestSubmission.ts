import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { call } from "../api/client";
import type { Status } from "../api/types";
import { isFinal } from "../status-updates/statusOrder";

const SHOWN_HERE = "gavel.shown";

/** Remembers in this tab which submission its verdict pane shows. */
export function rememberShown(id: string): void {
  try {
    sessionStorage.setItem(SHOWN_HERE, id);
  } catch {
    // Storage is closed: a reload shows an empty pane.
  }
}

function shownHere(): string | null {
  try {
    return sessionStorage.getItem(SHOWN_HERE);
  } catch {
    return null;
  }
}

/** Calls `show` once with the latest submission to the problem, if it is unfinished or this tab showed it before. */
export function useLatestSubmission(problem: string | null, show: (status: Status) => void): void {
  const isDone = useRef(false);
  const latest = useQuery({
    queryKey: ["submissions", "latest", problem],
    queryFn: ({ signal }) =>
      call<{ submissions: Status[] }>(
        `/submissions?problem=${encodeURIComponent(problem ?? "")}&kind=submission&limit=1`,
        { signal },
      ),
    enabled: problem !== null,
    select: (page) => page.submissions[0] ?? null,
    retry: false,
    gcTime: 0,
  }).data;
  useEffect(() => {
    if (latest === undefined || isDone.current) return;
    isDone.current = true;
    if (latest && (!isFinal(latest) || latest.id === shownHere())) show(latest);
  });
}
