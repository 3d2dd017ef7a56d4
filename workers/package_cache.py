"""Problem packages on this host: fetched once by content hash, verified, unpacked, kept while there is
room."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import requests

from judge_core.messages import PackageRef
from judge_core.packages import BrokenPackage
from judge_core.packages.upload import unpack
from workers.judging.errors import PackageUnavailable
from workers.judging.locked_cache import (
    draft_folder,
    evict_least_recently_used,
    last_used,
    remove_stale_drafts,
)
from workers.package_download import PackageDownload, explain_failure

_PART = ".part-"
_PART_SECONDS = 86_400.0


class PackageCache:
    """Packages below one folder that all workers of a host share.

    Whoever wants a package first fetches it, under a file lock; the others wait and find it. A package
    appears
    by one rename, so a worker killed half way leaves nothing that looks like a package. The longest unused go
    when the bound is passed, but none that was used within the last quarter of an hour.
    """

    def __init__(self, folder: Path, server: str, token: str, max_bytes: int = 4 << 30) -> None:
        self._folder = folder
        self._server = server.rstrip("/")
        self._token = token
        self._max_bytes = max_bytes
        self._found: dict[str, Path] = {}

    def fetch(self, ref: PackageRef) -> Path:
        """The unpacked package. Raises PackageUnavailable with the reason when it cannot be had."""
        if len(ref.hash) != 64 or not ref.hash.isalnum():
            raise PackageUnavailable(f"{ref.hash!r} is not a package's hash")
        found = self._find(ref.hash)
        if found is not None:
            return found
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o755)
        with (self._folder / f".{ref.hash}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return self._find(ref.hash) or self._bring(ref, self._folder / ref.hash)

    def known_limit(self, version: str) -> float | None:
        """The time limit that the house has settled for a package that names none."""
        return self._ask_limit("GET", version, None)

    def settle_limit(self, version: str, seconds: float) -> float:
        """Tell the house what was calibrated here; what holds everywhere comes back."""
        settled = self._ask_limit("PUT", version, {"time_limit": seconds})
        return seconds if settled is None else settled

    def _ask_limit(self, method: str, version: str, body: dict[str, float] | None) -> float | None:
        url = f"{self._server}/internal/packages/{version}/time-limit"
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            answer = requests.request(method, url, headers=headers, json=body, timeout=(5, 30))
            answer.raise_for_status()
            found = answer.json()["time_limit"]
        except (requests.RequestException, ValueError, KeyError) as error:
            raise explain_failure(f"the time limit of package {version[:12]}", error) from error
        return None if found is None else float(found)

    def statistics(self) -> dict[str, int]:
        """How many packages are here, for the worker's registration."""
        kept = (
            [path for path in self._folder.glob("*") if len(path.name) == 64] if self._folder.is_dir() else []
        )
        return {"packages": len(kept)}

    def _find(self, hash: str) -> Path | None:
        """A package that is here has not changed since it came; that it is here is tried anew each time."""
        place = f"{self._folder}/{hash}"
        try:
            os.utime(place)
            if hash not in self._found:
                self._found[hash] = next(path for path in Path(place).iterdir() if path.is_dir())
            return self._found[hash]
        except (FileNotFoundError, StopIteration):
            self._found.pop(hash, None)
            return None

    def _bring(self, ref: PackageRef, place: Path) -> Path:
        self._remove_litter()
        with draft_folder(self._folder) as draft:
            try:
                archive = self._download(ref)
                content = draft / "content"
                folder = unpack(archive, content)
                _open_to_boxes(content)
                content.rename(place)
                archive.unlink()
            except BrokenPackage as error:
                raise PackageUnavailable(f"package {ref.slug} cannot be unpacked: {error}") from error
            except OSError as error:
                raise PackageUnavailable(f"package {ref.slug} cannot be kept: {error}") from error
        self.sweep()
        return place / folder.name

    def _download(self, ref: PackageRef) -> Path:
        url = f"{self._server}/internal/packages/{ref.hash}"
        headers = {"Authorization": f"Bearer {self._token}"}
        return PackageDownload(url, headers, ref, self._folder / f"{_PART}{ref.hash}").finish()

    def sweep(self) -> None:
        """Remove the longest unused packages beyond the bound."""
        places = (path for path in self._folder.iterdir() if len(path.name) == 64)
        # Their locks stay: somebody may wait for one, and on a new one nobody would wait for him.
        evict_least_recently_used(places, self._folder, self._max_bytes)

    def _remove_litter(self) -> None:
        """Drafts of workers that were killed, and parts that nobody came back for."""
        now = time.time()
        remove_stale_drafts(self._folder, now)
        for part in self._folder.glob(f"{_PART}*"):
            if 0.0 < last_used(part) < now - _PART_SECONDS:
                part.unlink(missing_ok=True)


def _open_to_boxes(folder: Path) -> None:
    """Boxes run as users of their own: what they are shown must be readable to all."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
