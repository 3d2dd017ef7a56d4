import { Trans } from "@lingui/react/macro";
import { type ReactNode, useEffect, useRef } from "react";
import { CONTENT, usePathname } from "../lib/routing";
import { removeFirstPaint } from "../lib/firstPaint";
import { Header } from "./Header";
import { MaintenanceNotice } from "./MaintenanceNotice";
import { OfflineNotice } from "./OfflineNotice";
import { SessionNotice } from "./SessionNotice";

/** What the server sent is removed after this time, whatever the page shows. */
const FIRST_PAINT_MS = 4000;

/** The frame of every page. Navigation moves the focus to the new content. */
export function PageLayout({ children }: { children: ReactNode }) {
  const pathname = usePathname();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  // A statement and the home page remove what the server sent at once. Other pages remove it here, after a while.
  useEffect(() => {
    const timer = setTimeout(removeFirstPaint, FIRST_PAINT_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [pathname]);
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
