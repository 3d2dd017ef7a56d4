import { Prec, type Extension } from "@codemirror/state";
import { Vim, vim } from "@replit/codemirror-vim";

/** Vim's keys, which are loaded when they are chosen. `:w` does nothing: drafts are kept as they are typed. */
export function vimKeys(): Extension {
  Vim.defineEx("write", "w", () => {});
  return Prec.highest(vim({ status: true }));
}
