import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Link } from "../lib/routing";
import { Icon } from "../components/Icon";
import { dismissToast, useToast } from "./toasts";

/** Shows the result of the last action above the page, until it is closed or replaced. */
export function ToastBar() {
  const toast = useToast();
  return (
    <div className="toast-container">
      <div role="status">{toast && !toast.isError ? <ToastMessage text={toast.text} isError={false} /> : null}</div>
      {toast?.isError ? (
        <div role="alert">
          <ToastMessage text={toast.text} isError />
        </div>
      ) : null}
    </div>
  );
}

function ToastMessage({ text, isError }: { text: string; isError: boolean }) {
  return (
    <div className={isError ? "toast toast-error" : "toast"}>
      <Icon name={isError ? "cross" : "check"} />
      <p>
        {isError ? t`Not done: ${text}` : t`Done: ${text}`}{" "}
        {isError ? null : (
          <Link to="/admin/audit">
            <Trans>Audit log</Trans>
          </Link>
        )}
      </p>
      <button type="button" className="button quiet small icon-only" aria-label={t`Close`} onClick={dismissToast}>
        <Icon name="cross" />
      </button>
    </div>
  );
}
