import { Link } from "../furniture/routing";
import { Icon } from "../furniture/Icon";
import { forgetNotice, useNotice } from "./notices";

/** Says what an act did, above everything and moving nothing, until it is closed or the next act is done. */
export function NoticeBar() {
  const notice = useNotice();
  return (
    <div className="notice-place">
      <div role="status">{notice && !notice.isTrouble ? <Told text={notice.text} isTrouble={false} /> : null}</div>
      {notice?.isTrouble ? (
        <div role="alert">
          <Told text={notice.text} isTrouble />
        </div>
      ) : null}
    </div>
  );
}

function Told({ text, isTrouble }: { text: string; isTrouble: boolean }) {
  return (
    <div className={isTrouble ? "notice notice-trouble" : "notice"}>
      <Icon name={isTrouble ? "cross" : "check"} />
      <p>
        {isTrouble ? `Not done: ${text}` : `Done: ${text}`}{" "}
        {isTrouble ? null : <Link to="/admin/audit">Audit log</Link>}
      </p>
      <button type="button" className="button quiet small icon-only" aria-label="Close" onClick={forgetNotice}>
        <Icon name="cross" />
      </button>
    </div>
  );
}
