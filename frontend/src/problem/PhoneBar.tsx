import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { type KeyboardEvent, type ReactNode, useRef } from "react";
import { stepOf } from "../lib/direction";

export type PhoneView = "statement" | "code" | "results";

export interface Phone {
  view: PhoneView;
  show: (view: PhoneView) => void;
}

const VIEWS: readonly { name: PhoneView; title: ReactNode }[] = [
  { name: "statement", title: <Trans>Problem</Trans> },
  { name: "code", title: <Trans>Code</Trans> },
  { name: "results", title: <Trans>Results</Trans> },
];

/** The bar at the bottom of a narrow screen: which part is shown, and the buttons to run and submit. */
export function PhoneBar({ phone, children }: { phone: Phone; children: ReactNode }) {
  const list = useRef<HTMLDivElement>(null);
  const step = (event: KeyboardEvent) => {
    const by = stepOf(event.key);
    if (!by) return;
    event.preventDefault();
    const at = VIEWS.findIndex((view) => view.name === phone.view);
    const next = (at + by + VIEWS.length) % VIEWS.length;
    phone.show(VIEWS[next]?.name ?? "statement");
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  return (
    <div className="phone-bar">
      <div className="tabs-list" role="tablist" aria-label={t`Part of the page`} ref={list} onKeyDown={step}>
        {VIEWS.map(({ name, title }) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={name === phone.view}
            tabIndex={name === phone.view ? 0 : -1}
            onClick={() => phone.show(name)}
          >
            {title}
          </button>
        ))}
      </div>
      {children}
    </div>
  );
}
