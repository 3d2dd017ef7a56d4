import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Rooms } from "./rooms";
import { Problem } from "./wire/problem";
import "./theme/colours.css";
import "./theme/page.css";
import "./furniture/furniture.css";
import "./shell/shell.css";
import "./verdict/verdict.css";

/** A refusal stays a refusal; a broken line or an overloaded server may answer the second time. */
function mayRetry(failures: number, error: Error): boolean {
  const refused = error instanceof Problem && error.status >= 400 && error.status < 500;
  return !refused && failures < 2;
}

const queries = new QueryClient({
  defaultOptions: {
    // Without a line an act fails at once and says so; kept back in silence it would happen much later, by itself.
    mutations: { networkMode: "always" },
    // A person waits for the second try: it comes soon, or the view says what is wrong.
    queries: {
      retryDelay: (failures) => Math.min(400 * 2 ** failures, 3000),
      retry: mayRetry,
      staleTime: 10_000,
      networkMode: "always",
      refetchOnReconnect: true,
    },
  },
});

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Rooms />
    </QueryClientProvider>
  </StrictMode>,
);
