import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Status } from "../wire/types";
import { isFinal } from "./order";
import { watchSubmission } from "./watch";

export interface LiveStatus {
  status: Status | null;
  lost: string | null;
}

/** The newest status of a submission, live until it is final; `null` asks for nothing. */
export function useLiveStatus(id: string | null, known: Status | null = null): LiveStatus {
  const [live, setLive] = useState<LiveStatus & { id: string | null }>({
    id: null,
    status: null,
    lost: null,
  });
  const queries = useQueryClient();
  const settled = known !== null && isFinal(known);

  useEffect(() => {
    if (id === null || settled) return;
    setLive({ id, status: null, lost: null });
    return watchSubmission(id, {
      told: (status) => {
        setLive({ id, status, lost: null });
        if (isFinal(status)) void queries.invalidateQueries({ queryKey: ["submissions"] });
      },
      lost: (why) => setLive({ id, status: null, lost: why }),
    });
  }, [id, settled, queries]);

  const mine = live.id === id ? live : { status: null, lost: null };
  return { status: mine.status ?? known, lost: mine.lost };
}
