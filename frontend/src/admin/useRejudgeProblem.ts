import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "../wire/client";
import { say, sayTrouble } from "./notices";
import { compareLater } from "./rejudged";
import type { Rejudged } from "./wire";

interface Which {
  slug: string;
  /** Also what the present tests have judged. */
  all: boolean;
}

/** A problem's submissions once more, page by page as the server gives them out; each page is told when it is begun. */
export function useRejudgeProblem() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: rejudge,
    onSuccess: (count, { slug }) =>
      say(count === 0 ? `${slug}: nothing was there to rejudge.` : `rejudge ${slug}: ${count} submissions.`),
    onError: sayTrouble,
    onSettled: () => queries.invalidateQueries({ queryKey: ["operating"] }),
  });
}

async function rejudge({ slug, all }: Which): Promise<number> {
  const path = `/admin/problems/${encodeURIComponent(slug)}/rejudge`;
  let count = 0;
  let cursor: string | null = null;
  do {
    const body: { all: boolean; cursor: number | null } = { all, cursor: cursor ? Number(cursor) : null };
    const page: { rejudged: Rejudged[]; cursor: string | null } = await call(path, { method: "POST", body });
    compareLater(page.rejudged, count === 0);
    count += page.rejudged.length;
    cursor = page.cursor;
  } while (cursor !== null);
  return count;
}
