import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";
import { stepOf } from "../lib/direction";

export interface Tab<Name extends string> {
  name: Name;
  title: ReactNode;
}

interface Props<Name extends string> {
  label: string;
  tabs: readonly Tab<Name>[];
  open: Name;
  choose: (name: Name) => void;
  children: ReactNode;
  end?: ReactNode;
}

/** Tabs with arrow keys, after the ARIA authoring practices; the children are the open panel. */
export function Tabs<Name extends string>({ label, tabs, open, choose, children, end }: Props<Name>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const step = (event: KeyboardEvent) => {
    const by = stepOf(event.key);
    if (!by) return;
    event.preventDefault();
    const at = tabs.findIndex((tab) => tab.name === open);
    const next = tabs[(at + by + tabs.length) % tabs.length];
    if (!next) return;
    choose(next.name);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.name}"]`)?.focus();
  };
  return (
    <div className="tabs">
      <div className="tabs-head">
        <div className="tabs-list" role="tablist" aria-label={label} ref={list} onKeyDown={step}>
          {tabs.map((tab) => (
            <button
              key={tab.name}
              type="button"
              role="tab"
              id={`${id}-${tab.name}`}
              data-tab={tab.name}
              aria-selected={tab.name === open}
              aria-controls={`${id}-panel`}
              tabIndex={tab.name === open ? 0 : -1}
              onClick={() => choose(tab.name)}
            >
              {tab.title}
            </button>
          ))}
        </div>
        {end}
      </div>
      <div className="tabs-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${open}`}>
        {children}
      </div>
    </div>
  );
}
