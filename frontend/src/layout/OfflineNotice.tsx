import { t } from "@lingui/core/macro";
import { useSyncExternalStore } from "react";

function subscribe(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

/** A notice that the browser is offline and drafts are kept. */
export function OfflineNotice() {
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <div role="status" className={online ? "" : "offline-notice"}>
      {online ? "" : t`You are offline. Your code is kept in this browser; submitting works again when you are back.`}
    </div>
  );
}
