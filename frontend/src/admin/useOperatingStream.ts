import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Queues, WorkerCard } from "./wire";

/** What `GET /admin/stream` tells at once and every two seconds; the samples are not among it. */
interface Told extends Queues {
  workers: WorkerCard[];
}

export interface Heard {
  state: Omit<Queues, "samples">;
  /** When it was heard, to tell it from what was asked for later. */
  at: number;
}

/** The queues as the server tells them; `null` while nothing is heard, and then they must be asked for. */
export function useOperatingStream(): Heard | null {
  const queries = useQueryClient();
  const [heard, setHeard] = useState<Heard | null>(null);
  useEffect(() => {
    const source = makeSource("/admin/stream");
    if (!source) return;
    source.addEventListener("state", (event: MessageEvent<string>) => {
      const { workers, samples: _none, ...state } = JSON.parse(event.data) as Told;
      setHeard({ state, at: Date.now() });
      queries.setQueryData(["operating", "workers", "/admin/workers"], { workers });
    });
    source.onerror = () => setHeard(null);
    return () => source.close();
  }, [queries]);
  return heard;
}

function makeSource(url: string): EventSource | null {
  try {
    return new EventSource(url);
  } catch {
    return null; // blocked by policy or by an extension: asking goes on
  }
}
