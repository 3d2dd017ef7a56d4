"""Stores packages in a bucket. The folder on each API host has copies of the packages that are used there."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from judge_api.services.object_storage import ObjectStorage, open_object_storage
from judge_api.settings import Settings
from judge_core.model.errors import StoreUnavailable
from judge_core.packages.bounded_store import BoundedPackageStore
from judge_core.packages.file_changes import FileChange
from judge_core.packages.package_store import (
    FETCHED,
    PICTURES_ENDING,
    UPLOADED_ENDING,
    BundledSubmission,
    StoredPackage,
)

_HEX = frozenset("0123456789abcdef")
_ENDINGS = (PICTURES_ENDING, UPLOADED_ENDING, ".zip")
"""The endings of a version's files, in the order in which they are stored.

The package is stored last. So if the package is in the bucket, its other files are there too.
"""


class ObjectPackageStore(BoundedPackageStore):
    """Stores packages in the folder and in the bucket, and fetches those that the folder lacks.

    Every method may also raise ``StoreUnavailable``. Then the package may be in the folder, but not in the
    bucket.
    """

    def __init__(self, folder: Path, languages: Path | None, objects: ObjectStorage) -> None:
        super().__init__(folder, languages)
        self._objects = objects

    def path(self, hash: str) -> Path | None:
        found = super().path(hash)
        if found is None and len(hash) == 64 and _HEX.issuperset(hash):
            self._fetch(hash)
            found = super().path(hash)
        return found

    def uploaded(self, hash: str) -> Path | None:
        found = super().uploaded(hash)
        # A host may have fetched the package before another host kept its upload.
        if found is not None and not found.name.endswith(UPLOADED_ENDING):
            kept = found.with_name(f"{hash}{UPLOADED_ENDING}")
            found = kept if self._objects.download(kept.name, kept) else found
        return found

    def _fetch(self, hash: str) -> None:
        self._prepare_folder()
        for ending in _ENDINGS[:-1]:
            self._objects.download(f"{hash}{ending}", self._folder / f"{hash}{ending}")
        # Each fetch has a name of its own: the processes of a host share the folder.
        fresh = self._folder / f"{FETCHED}{hash}-{secrets.token_hex(8)}.zip"
        if not self._objects.download(f"{hash}.zip", fresh):
            return
        with fresh.open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != hash:
                fresh.unlink()
                raise StoreUnavailable(
                    f"the object {hash}.zip is damaged: its content does not match its name"
                )
        fresh.replace(self._folder / f"{hash}.zip")

    def add_zip(
        self, source: Path | BinaryIO, default_slug: str | None = None, slug: str | None = None
    ) -> StoredPackage:
        return self._uploaded(super().add_zip(source, default_slug, slug))

    def add_folder(self, folder: Path, slug: str | None = None) -> StoredPackage:
        return self._uploaded(super().add_folder(folder, slug))

    def add_changed(self, hash: str, changes: Sequence[FileChange]) -> StoredPackage:
        # This fetches the package into the folder, from which the child process reads it.
        self.path(hash)
        return self._uploaded(super().add_changed(hash, changes))

    def bundled_submissions(self, hash: str) -> list[BundledSubmission]:
        # This fetches the package into the folder, from which the child process reads it.
        self.path(hash)
        return super().bundled_submissions(hash)

    def keep_upload(self, hash: str, upload: BinaryIO) -> None:
        super().keep_upload(hash, upload)
        kept = self._folder / f"{hash}{UPLOADED_ENDING}"
        if kept.is_file():
            self._objects.upload(kept, kept.name)

    def delete(self, hash: str) -> None:
        super().delete(hash)
        for ending in reversed(_ENDINGS):
            self._objects.delete(f"{hash}{ending}")

    def _uploaded(self, stored: StoredPackage) -> StoredPackage:
        self._upload(stored.hash)
        return stored

    def _upload(self, hash: str) -> bool:
        """Upload a version's files. Returns whether the folder has any."""
        paths = self._files(hash)
        for path in paths:
            self._objects.upload(path, path.name)
        return bool(paths)

    def _files(self, hash: str) -> list[Path]:
        """The files of a version that the folder has, in the order in which they are stored."""
        paths = (self._folder / f"{hash}{ending}" for ending in _ENDINGS)
        return [path for path in paths if path.is_file()]

    def upload_missing(self) -> int:
        """Copy into the bucket the packages that only the folder has, with their other files. Returns the
        number of packages."""
        known = set(self._objects.names(""))
        hashes = sorted(path.name[:64] for path in self._folder.glob("?" * 64 + ".zip"))
        incomplete = [hash for hash in hashes if any(path.name not in known for path in self._files(hash))]
        uploaded = 0
        for hash in incomplete:
            with suppress(FileNotFoundError):  # Its problem was deleted meanwhile.
                uploaded += self._upload(hash)
        return uploaded


def open_package_store(settings: Settings) -> BoundedPackageStore:
    """The package store of the main server: the folder only, or the folder and the configured bucket."""
    if not settings.object_storage:
        return BoundedPackageStore(settings.packages, settings.languages_dir)
    objects = open_object_storage(settings, settings.object_storage)
    return ObjectPackageStore(settings.packages, settings.languages_dir, objects)


def upload_packages(settings: Settings) -> int:
    """Copy into the bucket every package that only the folder has. Returns 0 if no bucket is configured."""
    store = open_package_store(settings)
    return store.upload_missing() if isinstance(store, ObjectPackageStore) else 0
