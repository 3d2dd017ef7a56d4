import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { ErrorAlert } from "../components/ErrorAlert";
import { useExport } from "./queries";

const FORMATS = [
  ["kattis-legacy", "Kattis legacy"],
  ["2023-07", "Kattis 2023-07"],
  ["domjudge", "DOMjudge"],
  ["polygon", "Polygon"],
] as const;

/** Downloads a version in another judge's format, and lists what that format cannot express. */
export function ExportPackage({ slug, version }: { slug: string; version: string }) {
  const convert = useExport(slug, version);
  const name = version.slice(0, 8);
  const notes = convert.data ?? [];
  return (
    <>
      <select
        className="input small"
        aria-label={t`Download ${name} in another format`}
        value=""
        disabled={convert.isPending}
        onChange={(event) => convert.mutate(event.target.value)}
      >
        <option value="">{convert.isPending ? t`converting …` : t`as another format …`}</option>
        {FORMATS.map(([format, title]) => (
          <option key={format} value={format}>
            {title}
          </option>
        ))}
      </select>
      {convert.error ? <ErrorAlert error={convert.error} /> : null}
      {notes.length > 0 ? (
        <details open>
          <summary>
            <Trans>Not in this format</Trans>
          </summary>
          <ul className="changes">
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}
