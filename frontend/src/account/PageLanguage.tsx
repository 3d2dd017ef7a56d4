import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import type { CurrentAccount } from "../auth/queries";
import { ErrorAlert } from "../components/ErrorAlert";
import { Select } from "../components/Select";
import { LOCALES, languageName } from "../lib/i18n";
import { useSetLocale } from "./queries";

/** The language of the pages, for this account in every browser. */
export function PageLanguage({ me }: { me: CurrentAccount }) {
  const change = useSetLocale();
  return (
    <section className="page-language" aria-labelledby="language-title">
      <h2 id="language-title">
        <Trans>Language of the pages</Trans>
      </h2>
      <Select
        label={t`Shown in`}
        value={me.locale ?? ""}
        choose={(locale) => change.mutate(locale || null)}
        options={[["", t`the browser's language`], ...LOCALES.map((locale) => [locale, languageName(locale)] as const)]}
        hasAllOption={false}
      />
      {change.error ? <ErrorAlert error={change.error} /> : null}
    </section>
  );
}
