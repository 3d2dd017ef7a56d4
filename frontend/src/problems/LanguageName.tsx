import { useLanguageName } from "./queries";

/** The name of a programming language; a dash stands for none. */
export function LanguageName({ id }: { id: string | null | undefined }) {
  const languageName = useLanguageName();
  return id ? languageName(id) : "–";
}
