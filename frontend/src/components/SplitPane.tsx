import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from "react";
import { isMirrored } from "../lib/direction";
import { useLocalStorage } from "../lib/useLocalStorage";

interface Props {
  /** The localStorage key of the share. */
  storageKey: string;
  direction: "columns" | "rows";
  label: string;
  share: number;
  children: [ReactNode, ReactNode];
}

const MIN_SHARE = 20;
const MAX_SHARE = 80;

/** Two panes with a bar between them that mouse, touch and arrow keys move; the share is stored in localStorage. */
export function SplitPane({ storageKey, direction, label, share: initial, children }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [share, setShare] = useStoredShare(storageKey, initial);
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const [at, length] =
      direction === "columns"
        ? [isMirrored() ? box.right - event.clientX : event.clientX - box.left, box.width]
        : [event.clientY - box.top, box.height];
    setShare((at / length) * 100);
  };
  const step = (event: KeyboardEvent) => {
    const sideways = isMirrored() ? ["ArrowRight", "ArrowLeft"] : ["ArrowLeft", "ArrowRight"];
    const [less, more] = direction === "columns" ? sideways : ["ArrowUp", "ArrowDown"];
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
        aria-valuemin={MIN_SHARE}
        aria-valuemax={MAX_SHARE}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={step}
      />
      <div className="split-pane split-rest">{children[1]}</div>
    </div>
  );
}

function useStoredShare(storageKey: string, initial: number) {
  const [stored, store] = useLocalStorage(storageKey, String(initial));
  const set = (share: number) => store(String(Math.round(clamp(share))));
  return [clamp(Number(stored) || initial), set] as const;
}

function clamp(share: number): number {
  return Math.min(MAX_SHARE, Math.max(MIN_SHARE, share));
}
