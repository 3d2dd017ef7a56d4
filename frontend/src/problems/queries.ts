import { useQuery } from "@tanstack/react-query";
import { call } from "../api/client";
import type { Language, Problem, ProblemSummary } from "../api/types";

const MINUTE = 60_000;

export function useProblems() {
  return useQuery({
    queryKey: ["problems"],
    queryFn: ({ signal }) => call<{ problems: ProblemSummary[] }>("/problems", { signal }),
    select: (answer) => answer.problems,
  });
}

export function useProblem(slug: string, enabled = true) {
  return useQuery({
    enabled,
    queryKey: ["problems", slug],
    queryFn: ({ signal }) => call<Problem>(`/problems/${encodeURIComponent(slug)}`, { signal }),
    staleTime: MINUTE,
  });
}

/** Names a language by its id; the id itself until the languages are known. */
export function useLanguageName(): (id: string) => string {
  const languages = useLanguages().data;
  return (id) => languages?.find((language) => language.id === id)?.name ?? id;
}

export function useLanguages() {
  return useQuery({
    queryKey: ["languages"],
    queryFn: ({ signal }) => call<{ languages: Language[] }>("/languages", { signal }),
    select: (answer) => answer.languages,
    staleTime: MINUTE,
  });
}
