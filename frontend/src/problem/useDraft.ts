import { useQuery } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { useCurrentAccount } from "../auth/queries";
import type { Language, Problem } from "../api/types";
import { firstLanguage, languagesFor, readDraft, saveDraft, saveLanguage, starterFor } from "./drafts";
import { loadDrafts, sendLater } from "./draftSync";

/** The owner of the shown drafts: the account's name, an empty text for a visitor. `isReady` once its drafts are here. */
export function useDraftOwner(problem: string): { owner: string; isReady: boolean } {
  const me = useCurrentAccount();
  const owner = me.data?.name ?? "";
  const saved = useQuery({
    queryKey: ["drafts", owner, problem],
    queryFn: ({ signal }) => loadDrafts(owner, problem, signal),
    enabled: owner !== "",
    retry: false,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  return { owner, isReady: !me.isPending && (owner === "" || saved.isFetched) };
}

/** The chosen language and the draft in it; every change is stored in this browser, and for an account on the server. */
export function useDraft(problem: Problem, all: readonly Language[], owner: string) {
  const languages = languagesFor(problem, all);
  const [chosen, setChosen] = useState<string | undefined>(() => firstLanguage(languages)?.id);
  const language = languages.find((each) => each.id === chosen) ?? languages[0];
  const starter = language ? starterFor(problem, language) : "";
  const key = { owner, problem: problem.slug, language: language?.id ?? "" };
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
    sendLater(key);
  };
  return { languages, language, choose, initialText, starter, setText, getText: () => text.current.value };
}
