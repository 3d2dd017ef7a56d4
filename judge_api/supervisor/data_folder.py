"""The data folder: where everything that must survive a restart lies, and who may write it now."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from judge_api.supervisor.errors import CannotStart

SOCKET_PATH_BYTES = 100  # the kernel takes 107; leave room for redis's own temporary suffix


class DataFolder:
    """Paths below one folder that belongs to one running house at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    @property
    def credentials(self) -> Path:
        return self.root / "credentials.json"

    @property
    def roster(self) -> Path:
        """Who was started, with start times: how a later start recognises leftovers of a crash."""
        return self.root / "processes.json"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def redis(self) -> Path:
        return self.root / "redis"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.root / 'gavel.db'}"

    @property
    def redis_socket(self) -> Path:
        """In the data folder, or in a private temporary folder when that path is too long for a socket."""
        path = self.root / "redis.sock"
        if len(os.fsencode(path)) <= SOCKET_PATH_BYTES:
            return path
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return _private_temporary(digest) / "redis.sock"

    def prepare(self) -> None:
        """Make the folders, closed to others. Says clearly when this user may not."""
        try:
            for folder in (self.root, self.logs, self.redis, self.cache):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.root.chmod(0o700)
            # Boxes are shown parts of the cache as users of their own; the closed root keeps all others out.
            self.cache.chmod(0o755)
        except OSError as error:
            raise CannotStart(
                f"cannot use the data folder {self.root}: {error.strerror}. "
                "Name one you may write to with --data DIR (make run DATA=DIR)."
            ) from error

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep every other instance out for as long as this process lives, however it ends."""
        descriptor = os.open(self.root / "gavel.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 64, 0).decode(errors="replace").strip() or "unknown"
            raise CannotStart(
                f"another Gavel (process {holder}) is running on the data folder {self.root}. "
                "End it first, or name another folder with --data DIR (make run DATA=DIR)."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)

    def secret(self, name: str) -> str:
        """A random secret made at the first start and kept (0600): sessions survive a restart.

        The API looks for the same files when it is started by itself on this folder.
        """
        path = self.root / name
        try:
            kept = path.read_text().strip()
        except FileNotFoundError:
            kept = ""
        if len(kept) >= 32:
            return kept
        made = secrets.token_urlsafe(32)
        write_private(path, made + "\n")
        return made


def write_private(path: Path, text: str) -> None:
    """Write a file for its owner only, whole or not at all: a reader never sees half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    temporary.replace(path)


def _private_temporary(digest: str) -> Path:
    folder = Path(tempfile.gettempdir()) / f"gavel-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise CannotStart(f"{folder} belongs to somebody else; use a data folder with a shorter path.")
    folder.chmod(0o700)
    return folder
