import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useRef } from "react";
import { Icon } from "../components/Icon";
import { Select } from "../components/Select";
import { FONTS } from "../editor/fonts";
import type { useEditorSettings } from "./useEditorSettings";

const SIZES = ["12", "13", "14", "16", "18", "20", "24"];

/** A button that opens the choice of font, size and key bindings. */
export function EditorSettings({ settings }: { settings: ReturnType<typeof useEditorSettings> }) {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button
        type="button"
        className="button quiet small icon-only"
        aria-label={t`Editor settings`}
        onClick={() => dialog.current?.showModal()}
      >
        <Icon name="sliders" />
      </button>
      <dialog ref={dialog} className="dialog" aria-label={t`Editor settings`}>
        <h2>
          <Trans>Editor settings</Trans>
        </h2>
        <div className="editor-settings">
          <Select
            label={t`Font size`}
            value={settings.size}
            choose={settings.setSize}
            hasAllOption={false}
            options={SIZES.map((each) => [each, t`${each} px`])}
          />
          <Select
            label={t`Font`}
            value={settings.font}
            choose={settings.setFont}
            hasAllOption={false}
            options={FONTS.map((each) => [each, each || t`default`])}
          />
          <Select
            label={t`Key bindings`}
            value={settings.keys}
            choose={settings.setKeys}
            hasAllOption={false}
            options={[
              ["usual", t`default`],
              ["vim", "Vim"],
            ]}
          />
        </div>
        <p className="muted">
          <Trans>They are kept in this browser.</Trans>
        </p>
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            <Trans>Close</Trans>
          </button>
        </div>
      </dialog>
    </>
  );
}
