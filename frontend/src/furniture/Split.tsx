import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from "react";
import { useRemembered } from "./remembered";

interface Props {
  /** Names the place where the share is remembered. */
  name: string;
  direction: "columns" | "rows";
  label: string;
  share: number;
  children: [ReactNode, ReactNode];
}

const LEAST = 20;
const MOST = 80;

/** Two panes with a bar between them that mouse, touch and arrow keys move; the share is remembered. */
export function Split({ name, direction, label, share: initial, children }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [share, setShare] = useShare(name, initial);
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const [at, length] =
      direction === "columns" ? [event.clientX - box.left, box.width] : [event.clientY - box.top, box.height];
    setShare((at / length) * 100);
  };
  const step = (event: KeyboardEvent) => {
    const [less, more] = direction === "columns" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    if (event.key !== less && event.key !== more) return;
    event.preventDefault();
    setShare(share + (event.key === more ? 2 : -2));
  };
  return (
    <div className={`split split-${direction}`} ref={frame}>
      <div className="split-pane" style={{ flexBasis: `${share}%` }}>
        {children[0]}
      </div>
      {/* an hr cannot be moved; this is the ARIA window splitter */}
      <div
        className="split-bar"
        role="separator"
        tabIndex={0}
        aria-label={label}
        aria-orientation={direction === "columns" ? "vertical" : "horizontal"}
        aria-valuenow={Math.round(share)}
        aria-valuemin={LEAST}
        aria-valuemax={MOST}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={follow}
        onKeyDown={step}
      />
      <div className="split-pane split-rest">{children[1]}</div>
    </div>
  );
}

function useShare(name: string, initial: number) {
  const [kept, keep] = useRemembered(`gavel.split.${name}`, String(initial));
  const set = (share: number) => keep(String(Math.round(within(share))));
  return [within(Number(kept) || initial), set] as const;
}

function within(share: number): number {
  return Math.min(MOST, Math.max(LEAST, share));
}
