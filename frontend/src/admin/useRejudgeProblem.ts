import { plural, t } from "@lingui/core/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "../api/client";
import { showToast, showErrorToast } from "./toasts";
import { trackRejudged } from "./rejudgeComparison";
import type { Rejudged } from "./types";

interface RejudgeRequest {
  slug: string;
  /** Also rejudge submissions that were judged by the current tests. */
  all: boolean;
}

/** Rejudges a problem's submissions page by page; each page is added to the comparison when it starts. */
export function useRejudgeProblem() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: rejudge,
    onSuccess: (count, { slug }) => {
      const submissions = plural(count, { one: "# submission", other: "# submissions" });
      showToast(count === 0 ? t`${slug}: there was nothing to rejudge.` : t`rejudge ${slug}: ${submissions}.`);
    },
    onError: showErrorToast,
    onSettled: () => queries.invalidateQueries({ queryKey: ["admin"] }),
  });
}

async function rejudge({ slug, all }: RejudgeRequest): Promise<number> {
  const path = `/admin/problems/${encodeURIComponent(slug)}/rejudge`;
  let count = 0;
  let cursor: string | null = null;
  do {
    const body: { all: boolean; cursor: number | null } = { all, cursor: cursor ? Number(cursor) : null };
    const page: { rejudged: Rejudged[]; cursor: string | null } = await call(path, { method: "POST", body });
    trackRejudged(page.rejudged, count === 0);
    count += page.rejudged.length;
    cursor = page.cursor;
  } while (cursor !== null);
  return count;
}
