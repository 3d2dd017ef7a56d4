import { useCallback, useState } from "react";

/**
 * Values that the browser did not store, because its storage is full or closed (private window). They last as long as
 * this page.
 */
const unstored = new Map<string, string | null>();

/** Reads a stored value; `null` without one. */
export function readStored(key: string): string | null {
  const held = unstored.get(key);
  if (held !== undefined) return held;
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function writeStored(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
    unstored.delete(key);
  } catch {
    unstored.set(key, value);
  }
}

/** The keys that begin with this text and have a value. */
export function storedKeys(prefix: string): string[] {
  const held = [...unstored.keys()];
  return [...new Set([...browserKeys(), ...held])].filter((key) => key.startsWith(prefix) && readStored(key) !== null);
}

function browserKeys(): string[] {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
}

export function useLocalStorage(key: string, initial: string): [string, (value: string) => void] {
  const [value, setValue] = useState(() => readStored(key) ?? initial);
  const set = useCallback(
    (next: string) => {
      setValue(next);
      writeStored(key, next);
    },
    [key],
  );
  return [value, set];
}
