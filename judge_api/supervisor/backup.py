"""Backups of a data folder with SQLite: one zip with the database, the problem packages and the secrets.

Redis is left out: it only transports, and its submissions are sent again from the database.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from judge_api.store.sqlite_backup import copy_store, integrity_fault
from judge_api.supervisor.data_folder import DataFolder
from judge_api.supervisor.orphans import find_orphans

DATABASE = "gavel.db"
SECRETS = ("secret_key", "worker_token")
_PACKAGE = re.compile(r"packages/([0-9a-f]{64})(\.pictures|\.uploaded)?\.zip")
_DATABASE_FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm")


class BackupError(Exception):
    """A backup cannot be written or restored; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class BackupSize:
    """How many packages a backup holds, and how large its database is."""

    packages: int
    database_bytes: int


def write_backup(database: Path, root: Path, target: Path) -> BackupSize:
    """Write a backup of the data folder ``root`` atomically, readable by its owner only.

    Safe while the processes run. Packages never change and are copied after the database, so every package
    that the copied database names is in the backup.
    """
    if not database.is_file():
        raise BackupError(f"there is no database {database}: name the data folder with --data.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".gavel-backup-") as temporary:
        copy, packed = Path(temporary) / DATABASE, Path(temporary) / "backup.zip"
        copy_store(database, copy)
        packages = sorted((root / "packages").glob("*.zip"))
        with packed.open("xb") as out:
            os.fchmod(out.fileno(), 0o600)
            _pack(out.fileno(), root, copy, packages)
            os.fsync(out.fileno())
        packed.replace(target)
        return BackupSize(sum(len(each.stem) == 64 for each in packages), copy.stat().st_size)


def _pack(descriptor: int, root: Path, copy: Path, packages: list[Path]) -> None:
    with (
        os.fdopen(descriptor, "wb", closefd=False) as out,
        zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive,
    ):
        archive.write(copy, DATABASE, compress_type=zipfile.ZIP_DEFLATED)
        for package in packages:
            archive.write(package, f"packages/{package.name}")
        for secret in SECRETS:
            if (root / secret).is_file():
                archive.write(root / secret, secret)


def restore_backup(source: Path, folder: DataFolder) -> Path | None:
    """Put a backup into the data folder; returns the folder to which earlier files were moved, if any.

    Raises ``CannotStart`` while `gavel up` runs, ``BackupError`` when the backup is incomplete; in both cases
    nothing has changed.
    """
    folder.prepare()
    with folder.lock():
        if orphans := find_orphans(folder):
            names = ", ".join(orphan.name for orphan in orphans)
            raise BackupError(f"processes of this data folder still run: {names}. End them first.")
        with tempfile.TemporaryDirectory(dir=folder.root, prefix=".restoring-") as temporary:
            _unpack(source, Path(temporary))
            return _replace_files(Path(temporary), folder)


def _unpack(source: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            for name in archive.namelist():
                _check_name(name)
                archive.extract(name, target)
    except (OSError, zipfile.BadZipFile) as error:
        raise BackupError(f"{source} is not a backup that can be read: {error}") from error
    _check_content(source, target)


def _check_name(name: str) -> None:
    if name != DATABASE and name not in SECRETS and not _PACKAGE.fullmatch(name):
        raise BackupError(f"this is not a backup of Gavel: it holds {name[:100]!r}.")


def _check_content(source: Path, unpacked: Path) -> None:
    fault = integrity_fault(unpacked / DATABASE) if (unpacked / DATABASE).is_file() else "it is missing"
    if fault:
        raise BackupError(f"the database in {source} is damaged: {fault}.")
    for package in (unpacked / "packages").glob("?" * 64 + ".zip"):
        with package.open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != package.stem:
                raise BackupError(
                    f"the package {package.name} in {source} is not what its name says: it is damaged."
                )


def _replace_files(unpacked: Path, folder: DataFolder) -> Path | None:
    aside = folder.root / f"before-restore-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}"
    for name in (*_DATABASE_FILES, "redis"):
        if (folder.root / name).exists():
            aside.mkdir(mode=0o700, exist_ok=True)
            (folder.root / name).replace(aside / name)
    (folder.root / "packages").mkdir(mode=0o700, exist_ok=True)
    for path in sorted(path for path in unpacked.rglob("*") if path.is_file()):
        path.chmod(0o600)
        target = folder.root / path.relative_to(unpacked)
        shutil.move(path, target)
    folder.redis.mkdir(mode=0o700, exist_ok=True)
    return aside if aside.exists() else None
