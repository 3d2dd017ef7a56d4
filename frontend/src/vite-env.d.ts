/// <reference types="vite/client" />

/** A message catalog, compiled by @lingui/vite-plugin. */
declare module "*.po" {
  import type { Messages } from "@lingui/core";
  export const messages: Messages;
}

declare module "katex/contrib/mhchem";
