import { useCallback, useRef, useState } from "react";
import type { Language, Problem } from "../api/types";
import { firstLanguage, saveDraft, languagesFor, readDraft, saveLanguage, starterFor } from "./drafts";

/** The chosen language and the draft in it; every change is stored in this browser. */
export function useDraft(problem: Problem, all: readonly Language[]) {
  const languages = languagesFor(problem, all);
  const [chosen, setChosen] = useState<string | undefined>(() => firstLanguage(languages)?.id);
  const language = languages.find((each) => each.id === chosen) ?? languages[0];
  const starter = language ? starterFor(problem, language) : "";
  const key = { problem: problem.slug, language: language?.id ?? "" };
  const stored = readDraft(key);
  const initialText = stored ?? starter;
  const text = useRef({ key: key.language, value: initialText });
  if (text.current.key !== key.language) text.current = { key: key.language, value: initialText };

  const choose = useCallback((id: string) => {
    saveLanguage(id);
    setChosen(id);
  }, []);
  const setText = (value: string) => {
    text.current = { key: key.language, value };
    saveDraft(key, value, starter);
  };
  return { languages, language, choose, initialText, starter, setText, getText: () => text.current.value };
}
