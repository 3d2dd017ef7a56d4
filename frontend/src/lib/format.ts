import { t } from "@lingui/core/macro";
import { regionalLocale } from "./i18n";

/** Formats times and sizes as short texts with a unit; `–` stands for an unknown value. */

/** A number in the reader's language, with exactly `decimals` decimals. */
export function formatDecimal(value: number, decimals: number): string {
  return value.toLocaleString(regionalLocale(), { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A number in the reader's language, with as many decimals as it needs. */
export function formatNumber(value: number): string {
  return value.toLocaleString(regionalLocale(), { maximumFractionDigits: 6 });
}

export function formatMilliseconds(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "–";
  if (ms < 1000) return t`${Math.round(ms)} ms`;
  return ms < 60_000 ? t`${formatDecimal(ms / 1000, ms < 10_000 ? 2 : 1)} s` : formatDuration(ms / 1000);
}

export function formatKilobytes(kb: number | null | undefined): string {
  if (kb === null || kb === undefined) return "–";
  return kb < 1000 ? t`${kb} kB` : t`${formatDecimal(kb / 1024, kb < 10_240 ? 1 : 0)} MB`;
}

export function formatGibibytes(bytes: number): string {
  const mebibytes = bytes / 2 ** 20;
  return mebibytes < 1024 ? t`${Math.round(mebibytes)} MiB` : t`${formatDecimal(mebibytes / 1024, 1)} GiB`;
}

export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 1) return t`${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return t`${formatDecimal(seconds, seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t`${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? t`${hours} h ${minutes % 60} min` : t`${Math.floor(hours / 24)} d`;
}

const dateFormats = new Map<string, Intl.DateTimeFormat>();

export function formatDateTime(time: string | null | undefined): string {
  if (!time) return "–";
  const locale = regionalLocale();
  const format =
    dateFormats.get(locale) ?? new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  dateFormats.set(locale, format);
  return format.format(new Date(time));
}

export function formatAge(time: string | null | undefined, now: number = Date.now()): string {
  if (!time) return "–";
  const seconds = Math.max(0, (now - Date.parse(time)) / 1000);
  if (seconds < 10) return t`just now`;
  if (seconds < 60) return t`${Math.round(seconds)} s ago`;
  if (seconds < 3600) return t`${Math.round(seconds / 60)} min ago`;
  return seconds < 86_400 ? t`${Math.round(seconds / 3600)} h ago` : t`${Math.round(seconds / 86_400)} d ago`;
}

export function formatPercent(share: number | null | undefined): string {
  return share === null || share === undefined ? "–" : t`${Math.round(share * 100)} %`;
}
