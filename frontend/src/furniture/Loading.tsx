import { useEffect, useState } from "react";

/** A quiet wait: nothing for the first moment, so that a fast answer does not flicker. */
export function Loading({ what }: { what: string }) {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p className="loading" role="status">
      {isSlow ? `Loading ${what}…` : ""}
    </p>
  );
}
