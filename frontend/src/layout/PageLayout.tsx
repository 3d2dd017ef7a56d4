import { Trans } from "@lingui/react/macro";
import { type ReactNode, type RefObject, useEffect, useRef } from "react";
import { CONTENT, usePathname } from "../lib/routing";
import { removeFirstPaint } from "../lib/firstPaint";
import { Header } from "./Header";
import { MaintenanceNotice } from "./MaintenanceNotice";
import { OfflineNotice } from "./OfflineNotice";
import { SessionNotice } from "./SessionNotice";

/** The page as the server sent it is removed after this time, whatever is shown then. */
const FIRST_PAINT_MS = 4000;

/** Whether the last navigation went back or forward in the browser's history. Then the browser restores the scroll position. */
function useIsReturn(): RefObject<boolean> {
  const isReturn = useRef(false);
  useEffect(() => {
    const note = ({ type }: Event) => {
      isReturn.current = type === "popstate";
    };
    // The router sends `pushState` and `replaceState`. The listeners capture these events, so that they run before the
    // new page is shown.
    const events = ["popstate", "pushState", "replaceState"];
    for (const name of events) addEventListener(name, note, true);
    return () => {
      for (const name of events) removeEventListener(name, note, true);
    };
  }, []);
  return isReturn;
}

/** The frame of every page. Navigation moves the focus to the new content. */
export function PageLayout({ children }: { children: ReactNode }) {
  const pathname = usePathname();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  const isReturn = useIsReturn();
  // A statement and the home page remove what the server sent when they are shown. Other pages wait for this timer.
  useEffect(() => {
    const timer = setTimeout(removeFirstPaint, FIRST_PAINT_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    main.current?.focus({ preventScroll: true });
    if (!isReturn.current) window.scrollTo(0, 0);
  }, [pathname, isReturn]);
  return (
    <>
      <a className="skip-link" href={`#${CONTENT}`}>
        <Trans>Skip to the content</Trans>
      </a>
      <Header />
      <OfflineNotice />
      <SessionNotice />
      <MaintenanceNotice />
      <main id={CONTENT} ref={main} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
