import { t } from "@lingui/core/macro";
import { useMaintenance } from "./useMaintenance";
import { formatDateTime } from "../lib/format";
import type { Maintenance } from "../api/types";

/** Shows what an operator announces, and whether submissions are taken meanwhile. */
export function MaintenanceNotice() {
  const text = noticeOf(useMaintenance().data);
  return (
    <div role="status" className={text ? "offline-notice" : ""}>
      {text}
    </div>
  );
}

export function noticeOf(state: Maintenance | undefined): string {
  if (!state) return "";
  const end = state.until ? t`Expected end: ${formatDateTime(state.until)}.` : "";
  const effect = {
    open: "",
    hold: t`Submissions are taken and judged afterwards.`,
    refuse: t`No submissions are taken for now.`,
  }[state.mode];
  const message = /[.!?]$|^$/.test(state.message) ? state.message : `${state.message}.`;
  const parts = [message, effect, state.message || effect ? end : ""];
  return parts.filter(Boolean).join(" ");
}
