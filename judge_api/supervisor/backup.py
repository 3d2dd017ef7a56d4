"""Backups: one zip with the database (SQLite or PostgreSQL), the problem packages and the secrets.

Redis is left out, because the submissions in it are sent again from the database.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from judge_api.store.engine import open_engine
from judge_api.store.migrate import UnknownRevision
from judge_api.store.postgres_backup import CannotLoad, DumpManifest, dump_tables, load_tables
from judge_api.store.sqlite_backup import copy_store, integrity_fault
from judge_api.supervisor.data_folder import DataFolder
from judge_api.supervisor.orphans import find_orphans
from judge_core.folder_sync import sync_folder
from judge_core.leftovers import remove_leftovers

DATABASE = "gavel.db"
MANIFEST = "database.json"
SECRETS = ("secret_key", "worker_token")
_PACKAGE = re.compile(r"packages/([0-9a-f]{64})(\.pictures|\.uploaded)?\.zip")
_TABLE = re.compile(r"tables/[a-z_]+\.copy")
_UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)
"""The errors of ``zipfile`` for a damaged zip, and for one that is packed in an unusual way."""
_WRITING, _RESTORING = ".gavel-backup-", ".restoring-"
_DATABASE_FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm")


class BackupError(Exception):
    """A backup cannot be written or restored; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class BackupSize:
    """How many packages a backup holds, and how large its database is."""

    packages: int
    database_bytes: int


class BackupDatabase(Protocol):
    """The database that is copied, or restored."""

    def copy_to(self, folder: Path) -> Sequence[str]:
        """Copy the database into files of the folder. Returns their names, relative to the folder."""

    def load_from(self, folder: Path) -> None:
        """Check the files that :meth:`copy_to` made, and load them into the database. A database that is a
        file of the data folder is only checked, because it is restored with that folder. Raises
        :class:`BackupError` for another database's backup and a damaged one."""


@dataclass(frozen=True, slots=True)
class SqliteDatabase:
    """The SQLite file in the data folder. It is restored with the folder's other files."""

    file: Path

    def copy_to(self, folder: Path) -> Sequence[str]:
        if not self.file.is_file():
            raise BackupError(f"there is no database {self.file}: name the data folder with --data.")
        copy_store(self.file, folder / DATABASE)
        return (DATABASE,)

    def load_from(self, folder: Path) -> None:
        if (folder / MANIFEST).is_file():
            raise BackupError("the backup is of PostgreSQL: name an empty database in GAVEL_DATABASE_URL.")
        copy = folder / DATABASE
        fault = integrity_fault(copy) if copy.is_file() else "it is missing"
        if fault:
            raise BackupError(f"the database in the backup is damaged: {fault}. Use another backup.")


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """The database of a URL."""

    url: str

    def copy_to(self, folder: Path) -> Sequence[str]:
        engine = open_engine(self.url)
        try:
            manifest = dump_tables(engine, folder / "tables")
        finally:
            engine.dispose()
        (folder / MANIFEST).write_text(manifest.dump())
        return (MANIFEST, *(f"tables/{name}.copy" for name in manifest.tables))

    def load_from(self, folder: Path) -> None:
        if not (folder / MANIFEST).is_file():
            raise BackupError("the backup is of SQLite: restore it without GAVEL_DATABASE_URL.")
        engine = open_engine(self.url)
        try:
            load_tables(engine, DumpManifest.load((folder / MANIFEST).read_text()), folder / "tables")
        except CannotLoad as error:
            raise BackupError(f"{error}.") from error
        except UnknownRevision as error:
            raise BackupError(f"the backup is of a later release; install that one first: {error}") from error
        finally:
            engine.dispose()


def write_backup(
    database: BackupDatabase, root: Path, target: Path, with_packages: bool = True
) -> BackupSize:
    """Write a backup of the database and the data folder ``root`` atomically, readable by its owner only.

    This is safe while the processes run. Packages never change and are copied after the database, so the
    backup has every package that the copied database names and that is not deleted meanwhile.
    ``with_packages`` is false if the packages are in a bucket, where they stay.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(target.parent, [_WRITING])
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=_WRITING) as temporary:
        copy, packed = Path(temporary) / "database", Path(temporary) / "backup.zip"
        copy.mkdir()
        names = database.copy_to(copy)
        packages = _packages_in(root) if with_packages else []
        with packed.open("xb") as out:
            os.fchmod(out.fileno(), 0o600)
            with _archive(out.fileno()) as archive:
                for name in names:
                    archive.write(copy / name, name, compress_type=zipfile.ZIP_DEFLATED)
                packages = _add_packages(archive, packages)
                _add_secrets(archive, root)
            os.fsync(out.fileno())
        packed.replace(target)
        # The caller may delete older backups after this, so a power cut must not undo the renaming.
        sync_folder(target.parent)
        size = sum((copy / name).stat().st_size for name in names)
        return BackupSize(sum(len(each.stem) == 64 for each in packages), size)


def _packages_in(root: Path) -> list[Path]:
    """The packages and what belongs to them. Other files are left out: restoring would refuse them."""
    found = sorted((root / "packages").glob("*.zip"))
    return [path for path in found if _PACKAGE.fullmatch(f"packages/{path.name}")]


@contextmanager
def _archive(descriptor: int) -> Iterator[zipfile.ZipFile]:
    with (
        os.fdopen(descriptor, "wb", closefd=False) as out,
        # A file may be dated 1970, as in images that are built to be reproducible. A zip has no such date.
        zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive,
    ):
        yield archive


def _add_packages(archive: zipfile.ZipFile, packages: Sequence[Path]) -> list[Path]:
    """Add these files. Returns the files that were there. A file is gone if its problem was deleted
    meanwhile."""
    added = []
    for package in packages:
        with suppress(FileNotFoundError):
            archive.write(package, f"packages/{package.name}")
            added.append(package)
    return added


def _add_secrets(archive: zipfile.ZipFile, root: Path) -> None:
    for secret in SECRETS:
        if (root / secret).is_file():
            archive.write(root / secret, secret)


def restore_backup(database: BackupDatabase, source: Path, folder: DataFolder) -> Path | None:
    """Put a backup into the database and the data folder. Returns the folder into which earlier files were
    moved, if there were any.

    Raises ``CannotStart`` while `gavel up` runs, and ``BackupError`` if its processes still run or the backup
    cannot be restored. In all these cases no file and no record has changed.
    """
    folder.prepare()
    with folder.lock():
        if orphans := find_orphans(folder):
            names = ", ".join(orphan.name for orphan in orphans)
            raise BackupError(f"processes of this data folder still run: {names}. End them first.")
        remove_leftovers(folder.root, [_RESTORING])
        with tempfile.TemporaryDirectory(dir=folder.root, prefix=_RESTORING) as temporary:
            unpacked = Path(temporary)
            _unpack(source, unpacked)
            database.load_from(unpacked)
            return _replace_files(unpacked, folder)


def _unpack(source: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            for name in archive.namelist():
                _check_name(name)
                archive.extract(name, target)
    except _UNREADABLE as error:
        raise BackupError(f"{source} is not a backup that can be read: {error}") from error
    _check_packages(source, target)


def _check_name(name: str) -> None:
    if name in (DATABASE, MANIFEST, *SECRETS) or _PACKAGE.fullmatch(name) or _TABLE.fullmatch(name):
        return
    raise BackupError(f"this is not a backup of Gavel: it holds {name[:100]!r}.")


def _check_packages(source: Path, unpacked: Path) -> None:
    for package in (unpacked / "packages").glob("?" * 64 + ".zip"):
        with package.open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != package.stem:
                raise BackupError(
                    f"{source} is damaged: the package {package.name} does not match its name. "
                    "Use another backup."
                )


def _replace_files(unpacked: Path, folder: DataFolder) -> Path | None:
    aside = folder.root / f"before-restore-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}"
    for name in (*_DATABASE_FILES, "redis"):
        if (folder.root / name).exists():
            aside.mkdir(mode=0o700, exist_ok=True)
            (folder.root / name).replace(aside / name)
    (folder.root / "packages").mkdir(mode=0o700, exist_ok=True)
    for path in sorted(path for path in unpacked.rglob("*") if path.is_file()):
        name = path.relative_to(unpacked).as_posix()
        if name == MANIFEST or _TABLE.fullmatch(name):
            continue  # The database has been loaded from this file.
        path.chmod(0o600)
        shutil.move(path, folder.root / name)
    folder.redis.mkdir(mode=0o700, exist_ok=True)
    return aside if aside.exists() else None
