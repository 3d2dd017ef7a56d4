import { useLocalStorage } from "../lib/useLocalStorage";

/** Font, size and key bindings of the editor, kept in this browser. */
export function useEditorSettings() {
  const [size, setSize] = useLocalStorage("gavel.font-size", "14");
  const [font, setFont] = useLocalStorage("gavel.font", "");
  const [keys, setKeys] = useLocalStorage("gavel.keys", "usual");
  return { size, setSize, font, setFont, keys, setKeys };
}
