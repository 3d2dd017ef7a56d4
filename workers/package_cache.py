"""Problem packages on this host: fetched once by content hash, verified, unpacked, bounded in bytes."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from judge_core.logging import get_logger
from judge_core.messages import PackageRef
from judge_core.packages import BrokenPackage
from judge_core.packages.file_list import is_foreign_path
from judge_core.packages.upload import members_of, unpack
from workers.judging.errors import FilesChanged, PackageUnavailable
from workers.judging.shared_cache_folder import (
    FileStamp,
    FolderLock,
    VerifiedFolder,
    await_clock_step,
    draft_folder,
    evict_least_recently_used,
    hashes_of,
    last_used,
    remove_atomically,
    remove_stale_drafts,
    stamps_below,
    sync_file_system,
)
from workers.server_client import PackageDownload

_logger = get_logger(__name__)
_PART = ".part-"
_RECORD = ".files.json"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PART_SECONDS = 86_400.0
_BLOCK = 1 << 20
_NOTED_SECONDS = 60.0
"""A use of the locked package is recorded only once in this time, so the recorded time may be too early by as
much. That is far less than the quarter of an hour in which a used package is not evicted."""


class PackageCache:
    """Packages below one folder that all workers of a host share.

    The first worker that needs a package fetches it under a file lock; the others wait and find it. A package
    appears by one rename, so a killed worker leaves no partial package. Beyond the bound the least recently
    used packages are evicted, but none that was used in the last quarter of an hour or that a worker holds.

    A record beside a package's files has their hashes and stamps. If a file's stamp differs, the package is
    fetched again. After a restart of the host the hashes are compared once.
    """

    def __init__(self, folder: Path, server: str, token: str, max_bytes: int = 4 << 30) -> None:
        self._folder = folder
        self._server = server.rstrip("/")
        self._token = token
        self._max_bytes = max_bytes
        self._found: dict[str, VerifiedFolder] = {}
        self._held: FolderLock | None = None
        self._held_hash = ""
        self._used_at = float("-inf")

    def fetch(self, ref: PackageRef) -> VerifiedFolder:
        """The unpacked package, which stays until the next call. Raises PackageUnavailable with the reason if
        it cannot be fetched."""
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

    def _find(self, hash: str) -> VerifiedFolder | None:
        """The package, if this host has it intact. A damaged package is removed."""
        target = f"{self._folder}/{hash}"
        try:
            held = self._lock(hash, target)
            found = self._found.get(hash) or _read_record(Path(target))
        except FileNotFoundError:
            self._found.pop(hash, None)
            return None
        if found is not None and found.is_intact and held.holds(target):
            self._found[hash], self._held, self._held_hash = found, held, hash
            return found
        _logger.warning("A problem package is damaged and is fetched again", package=hash)
        self._found.pop(hash, None)
        remove_atomically(Path(target), self._folder)
        return None

    def _lock(self, hash: str, target: str) -> FolderLock:
        """Lock a package and record the time of its use. If this worker has locked it already, the time is
        recorded once in ``_NOTED_SECONDS``."""
        now = time.monotonic()
        if self._held is not None and self._held_hash == hash and now - self._used_at < _NOTED_SECONDS:
            return self._held
        held = FolderLock(target)
        os.utime(target)
        self._used_at = now
        return held

    def _download_and_unpack(self, ref: PackageRef, target: Path) -> VerifiedFolder:
        self._remove_leftovers()
        with draft_folder(self._folder) as draft:
            try:
                archive = self._download(ref)
                content = draft / "content"
                folder = unpack(archive, content)
                _make_readable(content)
                stamps = _verified_stamps(archive, content, folder)
                sync_file_system(content)
                self._held, self._held_hash = FolderLock(content), ref.hash
                self._used_at = float("-inf")
                content.rename(target)
                archive.unlink()
            except BrokenPackage as error:
                raise PackageUnavailable(f"package {ref.slug} cannot be unpacked: {error}") from error
            except OSError as error:
                raise PackageUnavailable(f"package {ref.slug} cannot be stored: {error}") from error
        self.sweep()
        found = self._found[ref.hash] = VerifiedFolder(target / folder.name, stamps)
        return found

    def _download(self, ref: PackageRef) -> Path:
        url = f"{self._server}/internal/packages/{ref.hash}"
        headers = {"Authorization": f"Bearer {self._token}"}
        return PackageDownload(url, headers, ref, self._folder / f"{_PART}{ref.hash}").finish()

    def sweep(self) -> None:
        """Evict the least recently used packages beyond the bound."""
        folders = (path for path in self._folder.iterdir() if len(path.name) == 64)
        # The lock files stay, because a worker may wait for a lock file, and would not notice a new one.
        evict_least_recently_used(folders, self._folder, self._max_bytes)

    def _remove_leftovers(self) -> None:
        """Remove drafts of killed workers, and parts of downloads that were given up."""
        now = time.time()
        remove_stale_drafts(self._folder, now)
        for part in self._folder.glob(f"{_PART}*"):
            if 0.0 < last_used(part) < now - _PART_SECONDS:
                self._remove_part(part)

    def _remove_part(self, part: Path) -> None:
        """Remove the part of a download, unless a worker is downloading it. Such a part may look old because
        the clock was set."""
        with (self._folder / f".{part.name.removeprefix(_PART)}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            if part.is_dir() and not part.is_symlink():
                remove_atomically(part, self._folder)
            else:
                part.unlink(missing_ok=True)


def _verified_stamps(archive: Path, content: Path, folder: Path) -> dict[str, FileStamp]:
    """Record the hash and stamp of every file of a package that was just unpacked. Returns the stamps.

    The stamps are read before the content is compared with the zip's checksums. So a file that is changed at
    any time after it was written has another content or another stamp. Raises FilesChanged for such a file.
    """
    stamps = stamps_below(folder)
    await_clock_step(stamps.values())
    hashes = hashes_of(folder, stamps)
    if damaged := _differing_files(archive, content, folder, hashes):
        raise FilesChanged(f"files of a package were changed while it was unpacked: {', '.join(damaged)}")
    _write_record(content, folder.name, stamps, hashes)
    return stamps


def _differing_files(archive: Path, content: Path, folder: Path, hashes: Mapping[str, str]) -> list[str]:
    """The files that are missing, or whose content is not that of the zip. A link in the zip is unpacked as a
    copy, so it may have the content of another file."""
    with zipfile.ZipFile(archive) as opened:
        members = [each for each in members_of(opened) if not is_foreign_path(each.filename)]
    packed = {content / member.filename: member.CRC for member in members}
    missing = sorted(str(path.relative_to(content)) for path in packed if not path.exists())
    sums = {name: packed.get(folder / name) for name in hashes}
    same = {name for name, crc in sums.items() if crc == _crc_of(folder / name)}
    known = {hashes[name] for name in same}
    return missing + sorted(name for name in hashes if name not in same and hashes[name] not in known)


def _crc_of(file: Path) -> int:
    crc = 0
    with file.open("rb", buffering=0) as opened:
        while block := opened.read(_BLOCK):
            crc = zlib.crc32(block, crc)
    return crc


def _write_record(
    content: Path, slug: str, stamps: Mapping[str, FileStamp], hashes: Mapping[str, str]
) -> None:
    record = {"boot": _boot_id(), "slug": slug, "seals": stamps, "hashes": hashes}
    # Two workers may write at once: after a restart of the host each one checks the packages.
    draft = content / f"{_RECORD}.{secrets.token_hex(8)}.draft"
    draft.write_text(json.dumps(record))
    draft.replace(content / _RECORD)


def _read_record(content: Path) -> VerifiedFolder | None:
    """The package as it was recorded. ``None`` if the record or a file is not the one that was stored."""
    try:
        record = json.loads((content / _RECORD).read_text())
        folder = content / record["slug"]
        if record["boot"] != _boot_id():
            # The host may have lost power. Then a file may hold zeros although its stamp is right.
            stamps = stamps_below(folder)
            await_clock_step(stamps.values())
            if hashes_of(folder, record["hashes"]) != record["hashes"]:
                return None
            _write_record(content, record["slug"], stamps, record["hashes"])
            return VerifiedFolder(folder, stamps)
        return VerifiedFolder(folder, {name: tuple(stamp) for name, stamp in record["seals"].items()})
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""


def _make_readable(folder: Path) -> None:
    """Make the files readable to all users, since sandboxes run as other users."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
