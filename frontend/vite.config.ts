import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.GAVEL_URL ?? "http://127.0.0.1:8000";

/** Requests that accept text/html are for a page, which Vite serves; the rest go to the API. */
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
 * The chunks. Left alone, every small module that two pages share becomes a file of its own, and the problem page
 * needed twenty requests. The admin pages, the editor, KaTeX and the charts stay separate.
 */
const GROUPS = [
  { name: "base", test: /node_modules[\\/](react|react-dom|wouter|regexparam|use-sync-external-store|mitt|scheduler|@tanstack)[\\/]|rolldown-runtime|vite[\\/]preload/ },
  { name: "pages", test: /src[\\/](api|auth|components|lib|problem|problems|status-updates|submissions|verdict)[\\/](?!formulas|OutputDiff)/ },
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
