import { useCallback, useRef, useState } from "react";
import type { Language, Problem } from "../wire/types";
import { firstLanguage, keepDraft, languagesFor, readDraft, rememberLanguage, starterFor } from "./drafts";

/** The language chosen and the text written in it; every change is kept in this browser. */
export function useDraft(problem: Problem, all: readonly Language[]) {
  const languages = languagesFor(problem, all);
  const [chosen, setChosen] = useState<string | undefined>(() => firstLanguage(languages)?.id);
  const language = languages.find((each) => each.id === chosen) ?? languages[0];
  const starter = language ? starterFor(problem, language) : "";
  const place = { problem: problem.slug, language: language?.id ?? "" };
  const kept = readDraft(place);
  const beginning = kept ?? starter;
  const text = useRef({ place: place.language, value: beginning });
  if (text.current.place !== place.language) text.current = { place: place.language, value: beginning };

  const choose = useCallback((id: string) => {
    rememberLanguage(id);
    setChosen(id);
  }, []);
  const write = (value: string) => {
    text.current = { place: place.language, value };
    keepDraft(place, value, starter);
  };
  return { languages, language, choose, beginning, starter, write, read: () => text.current.value };
}
