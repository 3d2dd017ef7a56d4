import { t } from "@lingui/core/macro";
import { Prec, type Extension } from "@codemirror/state";
import { ViewPlugin } from "@codemirror/view";
import { Vim, vim } from "@replit/codemirror-vim";

/** Vim's keys, which are loaded when they are chosen. `:w` does nothing: drafts are kept as they are typed. */
export function vimKeys(): Extension {
  Vim.defineEx("write", "w", () => {});
  return [Prec.highest(vim({ status: true })), commandLineLabel];
}

/** The field of Vim's command line and search comes without a label. It is made anew each time. */
const commandLineLabel = ViewPlugin.define((view) => {
  const label = ({ target }: FocusEvent) => {
    if (target instanceof HTMLInputElement && target.closest(".cm-vim-panel")) target.ariaLabel = t`Vim command`;
  };
  view.dom.addEventListener("focusin", label);
  return { destroy: () => view.dom.removeEventListener("focusin", label) };
});
