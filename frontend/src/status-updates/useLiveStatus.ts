import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Status } from "../api/types";
import { isFinal } from "./statusOrder";
import { followSubmission } from "./followSubmission";

export interface LiveStatus {
  status: Status | null;
  followError: string | null;
}

/** The newest status of a submission, updated until it is final. A `null` id follows nothing. */
export function useLiveStatus(id: string | null, known: Status | null = null): LiveStatus {
  const [live, setLive] = useState<LiveStatus & { id: string | null }>({
    id: null,
    status: null,
    followError: null,
  });
  const queries = useQueryClient();
  const isKnownFinal = known !== null && isFinal(known);

  useEffect(() => {
    if (id === null || isKnownFinal) return;
    setLive({ id, status: null, followError: null });
    return followSubmission(id, {
      onStatus: (status) => {
        setLive({ id, status, followError: null });
        if (isFinal(status)) void queries.invalidateQueries({ queryKey: ["submissions"] });
      },
      onError: (reason) => setLive({ id, status: null, followError: reason }),
    });
  }, [id, isKnownFinal, queries]);

  const current = live.id === id ? live : { status: null, followError: null };
  return { status: current.status ?? known, followError: current.followError };
}
