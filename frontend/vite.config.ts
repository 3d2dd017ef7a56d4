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

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../judge_api/web/dist",
    emptyOutDir: true,
    target: "es2022",
    // Fonts stay files: a data: URL would need font-src data: in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { [API]: toApi() } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
  },
});
