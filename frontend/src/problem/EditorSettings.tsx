import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { DialogButton } from "../components/DialogButton";
import { Select } from "../components/Select";
import { FONTS } from "../editor/fonts";
import type { useEditorSettings } from "./useEditorSettings";

const SIZES = ["12", "13", "14", "16", "18", "20", "24"];

/** A button that opens the choice of font, size and key bindings. */
export function EditorSettings({ settings }: { settings: ReturnType<typeof useEditorSettings> }) {
  return (
    <DialogButton icon="sliders" title={t`Editor settings`}>
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
    </DialogButton>
  );
}
