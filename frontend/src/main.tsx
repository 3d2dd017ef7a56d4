import { I18nProvider, useLingui } from "@lingui/react";
import { i18n } from "@lingui/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { Fragment, type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
// page.css after components.css: its rules for narrow screens override those of the components.
import "./components/components.css";
import "./home/home.css";
import "./problem/problem.css";
import "./submissions/submissions.css";
import "./verdict/verdict.css";
import "./theme/colours.css";
import "./theme/page.css";
import "./layout/layout.css";
import { readPageData } from "./lib/firstPaint";
import { loadMessages } from "./lib/i18n";
import { listenToOtherTabs } from "./lib/otherTabs";
import { makeQueryClient } from "./queryClient";
import { Routes } from "./routes";

const queries = makeQueryClient();
const problem = readPageData();
if (problem) queries.setQueryData(["problems", problem.slug], problem);
listenToOtherTabs(queries);
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

/** Begins the page anew when its language changes: texts are also read outside of components. */
function InOneLanguage({ children }: { children: ReactNode }) {
  return <Fragment key={useLingui().i18n.locale}>{children}</Fragment>;
}

void loadMessages().then(() =>
  createRoot(root).render(
    <StrictMode>
      <I18nProvider i18n={i18n}>
        <QueryClientProvider client={queries}>
          <InOneLanguage>
            <Routes />
          </InOneLanguage>
        </QueryClientProvider>
      </I18nProvider>
    </StrictMode>,
  ),
);
