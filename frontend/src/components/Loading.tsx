import { t } from "@lingui/core/macro";
import { useEffect, useState } from "react";

/** A loading message. It appears after 300 ms, so that a fast answer does not flicker. */
export function Loading({ subject }: { subject: string }) {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p className="loading" role="status">
      {isSlow ? t`Loading ${subject}…` : ""}
    </p>
  );
}
