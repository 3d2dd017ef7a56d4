import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { transformAsync } from "@babel/core";
import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.GAVEL_URL ?? "http://127.0.0.1:8000";

/** The API answers these paths with a page of its own, or sends the browser to another server. */
const PAGES_OF_API = /^\/(docs|lti|sso)(\/|$|\?)/;

/** Other requests that accept text/html are for a page, which Vite serves; the rest go to the API. */
function toApi() {
  return {
    target: server,
    ws: true,
    bypass: ({ url = "", headers }: { url?: string | undefined; headers: { accept?: string | undefined } }) =>
      headers.accept?.includes("text/html") && !PAGES_OF_API.test(url) ? "/index.html" : undefined,
  };
}

const API =
  "^/(submissions|shared|runs|status|statuses|events|event-invitations|problems|languages|me|accounts|session|sso|links|lti|password-resets|email-verifications|maintenance|admin|docs|openapi.json|ws|healthz|readyz)(/|$|\\?)";

/**
 * The chunks. Without these groups, every small module that two pages share becomes a file of its own, and the problem
 * page needed twenty requests. The libraries are in one file, what most pages share is in a second, and what solving
 * needs is in a third. The home page, the admin pages, the forms to sign in and up, the editor, KaTeX and the charts
 * stay separate.
 */
const GROUPS = [
  {
    name: "base",
    test: /node_modules[\\/](react|react-dom|wouter|regexparam|use-sync-external-store|mitt|scheduler|@tanstack|@lingui)[\\/]|rolldown[\\/-]runtime|vite[\\/]preload/,
  },
  {
    name: "pages",
    test: /src[\\/]((api|auth|components|layout|lib|problems|theme)[\\/](?!SignInPage|SignInForm|SignInDialog|SignUpPage|Interaction|SplitPane|Tabs|pseudo)|problem[\\/]draft|verdict[\\/]score|(home|problem|submissions|verdict)[\\/]\w+\.css)/,
  },
  {
    name: "solving",
    test: /src[\\/]((components|problem|status-updates|submissions|verdict)[\\/](?!formulas|OutputDiff|RuntimeHistogram|SubmissionPage|SubmissionsPage|SubmissionActions|AttemptTable|Comments|SourceView)|editor[\\/]ProgramEditor)/,
  },
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

/** Compiles Lingui's macros. In the build only a hash of each message stays in the code: the catalog has the texts. */
function linguiMacros() {
  return {
    name: "lingui-macros",
    enforce: "pre" as const,
    async transform(code: string, id: string) {
      if (!/src\/.*\.tsx?$/.test(id) || !/@lingui\/(core|react)\/macro/.test(code)) return;
      const compiled = await transformAsync(code, {
        filename: id,
        babelrc: false,
        configFile: false,
        sourceMaps: true,
        parserOpts: { plugins: ["typescript", "jsx"] },
        plugins: ["@lingui/babel-plugin-lingui-macro"],
      });
      return compiled ? { code: compiled.code ?? "", map: compiled.map ?? null } : undefined;
    },
  };
}

/** Catalogs are named by their part of the pages and their language; judge_api/views/pages.py preloads the common one. */
function chunkFileNames({ facadeModuleId }: { facadeModuleId?: string | null }): string {
  const catalog = /src\/(?:(\w+)\/)?locales\/([\w-]+)\.po$/.exec(facadeModuleId ?? "");
  return catalog ? `assets/messages-${catalog[1] ?? "common"}-${catalog[2]}-[hash:8].js` : "assets/[name]-[hash:8].js";
}

/** Writes a Brotli file beside each script and style sheet: an eighth smaller than gzip, and too slow to make at each start. */
function brotli() {
  return {
    name: "brotli",
    apply: "build" as const,
    writeBundle: ({ dir }: { dir?: string }) => {
      const assets = join(dir ?? "", "assets");
      for (const name of readdirSync(assets).filter((each) => /\.(js|css)$/.test(each)))
        writeFileSync(join(assets, `${name}.br`), brotliCompressSync(readFileSync(join(assets, name))));
    },
  };
}

export default defineConfig({
  plugins: [linguiMacros(), react(), lingui({ failOnCompileError: true }), onlyWoff2(), brotli()],
  build: {
    outDir: "../judge_api/views/dist",
    emptyOutDir: true,
    target: "es2022",
    // Fonts stay files: a data: URL would need font-src data: in the Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        chunkFileNames,
        assetFileNames: "assets/[name]-[hash:8][extname]",
        codeSplitting: { groups: [...GROUPS] },
      },
    },
  },
  server: { proxy: { [API]: toApi() } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    testTimeout: 60_000,
  },
});
