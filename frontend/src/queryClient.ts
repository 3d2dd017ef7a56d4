import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "./api/ApiError";

/** A 4xx answer stays the same; a lost connection or an overloaded server may succeed the second time. */
function shouldRetry(failures: number, error: Error): boolean {
  const refused = error instanceof ApiError && error.status >= 400 && error.status < 500;
  return !refused && failures < 2;
}

/** The cache of the server's answers, and how requests are repeated. */
export function makeQueryClient(): QueryClient {
  // Any answer may be the first that says that the session has ended.
  const onError = (error: Error) => {
    const me = queries.getQueryState(["me"]);
    if (error instanceof ApiError && error.needsSignIn && me?.data && !me.error)
      void queries.invalidateQueries({ queryKey: ["me"] });
  };
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // Offline, a mutation fails at once with a message. If it were paused instead, it would run much later, when the
      // user does not expect it.
      mutations: { networkMode: "always" },
      // Retry soon: a person is waiting.
      queries: {
        retryDelay: (failures) => Math.min(400 * 2 ** failures, 3000),
        retry: shouldRetry,
        staleTime: 10_000,
        networkMode: "always",
        refetchOnReconnect: true,
      },
    },
  });
  return queries;
}
