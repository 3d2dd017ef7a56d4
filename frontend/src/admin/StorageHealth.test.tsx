import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import { DamagedRedisFiles, DiskItems } from "./StorageHealth";
import type { Disk } from "./types";

const GIB = 2 ** 30;

function Messages({ children }: { children: ReactNode }) {
  return <I18nProvider i18n={i18n}>{children}</I18nProvider>;
}

function disk(changes: Partial<Disk>): Disk {
  return {
    name: "data",
    folder: "/data",
    total_bytes: 40 * GIB,
    free_bytes: 12 * GIB,
    is_low: false,
    error: null,
    ...changes,
  };
}

test("each disk shows its free space, and a disk that is nearly full is marked", () => {
  const disks = [disk({}), disk({ name: "database", free_bytes: 2 ** 26, is_low: true })];
  render(<DiskItems storage={{ floor_bytes: 2 ** 27, disks, redis_files_set_aside: [] }} />, { wrapper: Messages });
  expect(screen.getByText("Disk of data").parentElement?.textContent).toBe("Disk of data12.0 GiB free of 40.0 GiB");
  expect(screen.getByText("Disk of database").parentElement?.textContent).toContain("64 MiB free");
  expect(screen.getAllByText(", needs a look")).toHaveLength(1);
});

test("a disk that cannot be read shows the reason and its folder", () => {
  const disks = [disk({ name: "scratch", folder: "/data/cache", error: "Input/output error" })];
  render(<DiskItems storage={{ floor_bytes: 0, disks, redis_files_set_aside: [] }} />, { wrapper: Messages });
  const item = screen.getByText("Disk of scratch").parentElement;
  expect(item?.textContent).toContain("Input/output error /data/cache, needs a look");
});

test("damaged files of Redis are named until their folder is removed", () => {
  const files = [{ folder: "/data/redis-damaged-1", at: "2026-11-29T09:00:00Z" }];
  const { rerender } = render(<DamagedRedisFiles files={files} />, { wrapper: Messages });
  expect(screen.getByRole("alert").textContent).toContain("/data/redis-damaged-1");
  rerender(<DamagedRedisFiles files={[]} />);
  expect(screen.queryByRole("alert")).toBeNull();
});
