import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.GAVEL_URL ?? "http://127.0.0.1:8000";

/** A page is asked for with Accept: text/html and stays with Vite; everything else is the API's. */
function toApi() {
  return {
    target: server,
    ws: true,
    bypass: (request: { headers: { accept?: string | undefined } }) =>
      request.headers.accept?.includes("text/html") ? "/index.html" : undefined,
  };
}

const API =
  "^/(submissions|runs|status|events|problems|languages|me|accounts|session|admin|ws|healthz|readyz)(/|$|\\?)";

/**
 * What is fetched together: left alone, every small part that two pages share becomes a file of its own, and the
 * problem page asked for twenty of them. The operator's rooms, the editor, KaTeX and the charts stay apart.
 */
const GROUPS = [
  { name: "base", test: /node_modules[\\/](react|react-dom|wouter|regexparam|use-sync-external-store|mitt|scheduler|@tanstack)[\\/]|rolldown-runtime|vite[\\/]preload/ },
  { name: "rooms", test: /src[\\/](furniture|live|problems|session|solving|submissions|verdict|wire)[\\/](?!formulas|SideBySide)/ },
] as const;

/** KaTeX names each font three times; every browser that runs these pages reads the first. */
function onlyWoff2() {
  return {
    name: "only-woff2",
    enforce: "pre" as const,
    transform: (code: string, id: string) =>
      /katex.*\.css/.test(id)
        ? code.replace(/,\s*url\([^)]*\.(?:woff|ttf)\)\s*format\(["'][^"']*["']\)/g, "")
        : undefined,
  };
}

export default defineConfig({
  plugins: [react(), onlyWoff2()],
  build: {
    outDir: "../judge_api/views/dist",
    emptyOutDir: true,
    target: "es2022",
    // Fonts stay files: a data: URL would need font-src data: in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: [...GROUPS] } } },
  },
  server: { proxy: { [API]: toApi() } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
  },
});
