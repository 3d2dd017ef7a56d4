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
        {isError ? `Not done: ${text}` : `Done: ${text}`}{" "}
        {isError ? null : <Link to="/admin/audit">Audit log</Link>}
      </p>
      <button type="button" className="button quiet small icon-only" aria-label="Close" onClick={dismissToast}>
        <Icon name="cross" />
      </button>
    </div>
  );
}
