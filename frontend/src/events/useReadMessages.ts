import { useCallback } from "react";
import { readStored, useLocalStorage } from "../lib/useLocalStorage";
import type { EventMessage } from "./types";

/** The key has the time of the answer, so a changed answer counts as unread. */
function keyOf(message: EventMessage): string {
  return `${message.id} ${message.answered_at ?? ""}`;
}

/** The messages of an event that were read in this browser. */
export function useReadMessages(slug: string) {
  const name = `gavel.read-messages.${slug}`;
  const [known, setKnown] = useLocalStorage(name, "");
  const read = useCallback(
    (messages: EventMessage[]) => {
      const before = (readStored(name) ?? "").split("\n").filter(Boolean);
      const after = [...new Set([...before, ...messages.filter((each) => each.answer !== null).map(keyOf)])];
      if (after.length > before.length) setKnown(after.join("\n"));
    },
    [name, setKnown],
  );
  const isRead = (message: EventMessage) => known.split("\n").includes(keyOf(message));
  return { read, isRead };
}
