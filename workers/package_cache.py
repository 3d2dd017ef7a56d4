"""Problem packages on this host: fetched once by content hash, verified, unpacked, bounded in bytes."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from judge_core.messages import PackageRef
from judge_core.packages import BrokenPackage
from judge_core.packages.upload import unpack
from workers.judging.errors import PackageUnavailable
from workers.judging.shared_cache_folder import (
    draft_folder,
    evict_least_recently_used,
    last_used,
    remove_stale_drafts,
)
from workers.server_client import PackageDownload

_PART = ".part-"
_PART_SECONDS = 86_400.0


class PackageCache:
    """Packages below one folder that all workers of a host share.

    The first worker that needs a package fetches it under a file lock; the others wait and find it. A package
    appears by one rename, so a killed worker leaves no partial package. The least recently used are evicted
    beyond the bound, but none that was used within the last quarter of an hour.
    """

    def __init__(self, folder: Path, server: str, token: str, max_bytes: int = 4 << 30) -> None:
        self._folder = folder
        self._server = server.rstrip("/")
        self._token = token
        self._max_bytes = max_bytes
        self._found: dict[str, Path] = {}

    def fetch(self, ref: PackageRef) -> Path:
        """The unpacked package. Raises PackageUnavailable with the reason when it cannot be fetched."""
        if len(ref.hash) != 64 or not ref.hash.isalnum():
            raise PackageUnavailable(f"{ref.hash!r} is not a package's hash")
        found = self._find(ref.hash)
        if found is not None:
            return found
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o755)
        with (self._folder / f".{ref.hash}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return self._find(ref.hash) or self._download_and_unpack(ref, self._folder / ref.hash)

    def _find(self, hash: str) -> Path | None:
        """The package's folder if it is still here. Its content never changes."""
        target = f"{self._folder}/{hash}"
        try:
            os.utime(target)
            if hash not in self._found:
                self._found[hash] = next(path for path in Path(target).iterdir() if path.is_dir())
            return self._found[hash]
        except (FileNotFoundError, StopIteration):
            self._found.pop(hash, None)
            return None

    def _download_and_unpack(self, ref: PackageRef, target: Path) -> Path:
        self._remove_leftovers()
        with draft_folder(self._folder) as draft:
            try:
                archive = self._download(ref)
                content = draft / "content"
                folder = unpack(archive, content)
                _make_readable(content)
                content.rename(target)
                archive.unlink()
            except BrokenPackage as error:
                raise PackageUnavailable(f"package {ref.slug} cannot be unpacked: {error}") from error
            except OSError as error:
                raise PackageUnavailable(f"package {ref.slug} cannot be kept: {error}") from error
        self.sweep()
        return target / folder.name

    def _download(self, ref: PackageRef) -> Path:
        url = f"{self._server}/internal/packages/{ref.hash}"
        headers = {"Authorization": f"Bearer {self._token}"}
        return PackageDownload(url, headers, ref, self._folder / f"{_PART}{ref.hash}").finish()

    def sweep(self) -> None:
        """Evict the least recently used packages beyond the bound."""
        folders = (path for path in self._folder.iterdir() if len(path.name) == 64)
        # The lock files stay: a worker may wait for one, and would not see a new one.
        evict_least_recently_used(folders, self._folder, self._max_bytes)

    def _remove_leftovers(self) -> None:
        """Remove drafts of killed workers, and parts of downloads that were given up."""
        now = time.time()
        remove_stale_drafts(self._folder, now)
        for part in self._folder.glob(f"{_PART}*"):
            if 0.0 < last_used(part) < now - _PART_SECONDS:
                part.unlink(missing_ok=True)


def _make_readable(folder: Path) -> None:
    """Sandboxes run as other users, so the files must be readable to all."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
