import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { formatDateTime, formatGibibytes } from "../lib/format";
import { HealthItem } from "./HealthItem";
import type { Disk, Storage } from "./types";

/** The free space of each disk of the main server. */
export function DiskItems({ storage }: { storage: Storage }) {
  return storage.disks.map((disk) => (
    <HealthItem
      key={disk.name}
      name={diskName(disk)}
      isHealthy={!disk.is_low && disk.error === null}
      value={disk.error ?? t`${formatGibibytes(disk.free_bytes)} free`}
      note={disk.error === null ? t`of ${formatGibibytes(disk.total_bytes)}` : disk.folder}
    />
  ));
}

function diskName(disk: Disk): string {
  const names: Record<string, string> = {
    data: t`Disk of data`,
    database: t`Disk of database`,
    scratch: t`Disk of scratch`,
  };
  return names[disk.name] ?? disk.name;
}

/** Damaged files of Redis that `gavel up` has set aside. Redis started with what it could read of them. */
export function DamagedRedisFiles({ files }: { files: Storage["redis_files_set_aside"] }) {
  const [newest] = files;
  if (!newest) return null;
  return (
    <p className="error-alert" role="alert">
      <Trans>
        <strong>Redis had damaged files on {formatDateTime(newest.at)}</strong>; they are kept in {newest.folder}.
        Submissions are in the database and were sent again. Remove the folder when you have looked at it.
      </Trans>
    </p>
  );
}
