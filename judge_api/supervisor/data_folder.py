"""The data folder: its paths, its lock, its secrets, and ``credentials.json``.

It holds everything that must survive a restart. Only one running `gavel up` uses it at a time.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from judge_api.supervisor import CannotStart
from judge_core.folder_sync import sync_folder
from judge_core.local_urls import sqlite_url
from judge_core.private_folder import ForeignFolder, private_folder, refuse_planted_folder

MAX_SOCKET_PATH_BYTES = 100  # The kernel allows 107 bytes, and Redis appends a temporary suffix.


class DataFolder:
    """The paths in a data folder. Only one running `gavel up` uses the folder at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    @property
    def credentials(self) -> Path:
        return self.root / "credentials.json"

    @property
    def processes_file(self) -> Path:
        """The started processes with their start times. With them the next start finds orphans."""
        return self.root / "processes.json"

    @property
    def _lock_file(self) -> Path:
        return self.root / "gavel.lock"

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
        return sqlite_url(self.root / "gavel.db")

    @property
    def redis_socket(self) -> Path:
        """The socket of the embedded Redis: in the data folder, or in a private temporary folder. It is in
        the temporary folder if its path in the data folder would be too long for a socket, or has a space or
        an equals sign: redis-py cannot read the answer to CLIENT INFO, which has the path.
        """
        path = self.root / "redis.sock"
        if len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES and not re.search(r"[\s=]", str(path)):
            return path
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return _private_temporary_folder(digest) / "redis.sock"

    def prepare(self) -> None:
        """Create the folders, to which other users have no access. Raises CannotStart if this user may not
        create them."""
        try:
            refuse_planted_folder(self.root)
            for folder in (self.root, self.logs, self.redis, self.cache):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.root.chmod(0o700)
            # Sandboxes read parts of the cache as other users. The root folder keeps all other programs out.
            self.cache.chmod(0o755)
        except ForeignFolder as error:
            raise CannotStart(str(error)) from error
        except OSError as error:
            raise CannotStart(
                f"cannot use the data folder {self.root}: {error.strerror}. "
                "With --data DIR (make run DATA=DIR), name a folder that you may write to."
            ) from error

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the folder against other instances. The lock ends with the block, or when this process ends
        for any reason."""
        descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._acquire(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _acquire(self, descriptor: int) -> None:
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

    def holder(self) -> int | None:
        """The process of the `gavel up` that runs on this folder, if one does."""
        with self._lock_of_another() as descriptor:
            if descriptor is None:
                return None
            text = os.pread(descriptor, 64, 0).decode(errors="replace").strip()
            return int(text) if text.isdecimal() else None

    def is_running(self) -> bool:
        """Whether a `gavel up` runs on this folder. Also True if the lock cannot be read."""
        try:
            with self._lock_of_another() as descriptor:
                return descriptor is not None
        except OSError:
            return True

    @contextmanager
    def _lock_of_another(self) -> Iterator[int | None]:
        """The open lock file while a `gavel up` holds the lock, else ``None``. Raises ``OSError`` if the file
        cannot be read."""
        try:
            descriptor = os.open(self._lock_file, os.O_RDONLY)
        except FileNotFoundError:
            yield None
            return
        try:
            yield descriptor if _is_locked(descriptor) else None
        finally:
            os.close(descriptor)

    def secret(self, name: str) -> str:
        """A random secret. It is created at the first start and stored in a file (mode 0600), so that
        sessions survive a restart.

        An API process that is started without `gavel up` on this folder reads the same file.
        """
        path = self.root / name
        try:
            existing = path.read_text(errors="replace").strip("\0\n ")
        except FileNotFoundError:
            existing = ""
        if len(existing) >= 32:
            return existing
        created = secrets.token_urlsafe(32)
        write_private(path, created + "\n")
        return created


@dataclass(frozen=True, slots=True)
class AccountKey:
    """The name and the plain-text key of an account that `gavel up` creates."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """The content of ``credentials.json``. ``accounts`` are by their use, such as admin, and ``processes`` by
    name."""

    url: str
    accounts: Mapping[str, AccountKey] = field(default_factory=dict)
    processes: Mapping[str, int] = field(default_factory=dict)
    supervisor: int | None = None
    redis_url: str | None = None

    def with_processes(self, processes: Mapping[str, int]) -> Credentials:
        return replace(self, processes=dict(processes))

    def write(self, path: Path) -> None:
        body = {
            "url": self.url,
            "accounts": {use: {"name": a.name, "key": a.key} for use, a in self.accounts.items()},
            "processes": dict(self.processes),
            "supervisor": self.supervisor,
            "redis_url": self.redis_url,
        }
        write_private(path, json.dumps(body, indent=2, allow_nan=False) + "\n")


def read_credentials(path: Path) -> Credentials | None:
    """The file's content, or ``None`` if there is no file or it cannot be parsed."""
    try:
        body = json.loads(path.read_text())
        return Credentials(
            url=body["url"],
            accounts={use: AccountKey(a["name"], a["key"]) for use, a in body["accounts"].items()},
            processes=dict(body["processes"]),
            supervisor=body.get("supervisor"),
            redis_url=body.get("redis_url"),
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def write_private(path: Path, text: str) -> None:
    """Write a file atomically, readable by its owner only."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    temporary.replace(path)
    sync_folder(path.parent)


def _private_temporary_folder(digest: str) -> Path:
    try:
        return private_folder(Path(tempfile.gettempdir()) / f"gavel-{os.getuid()}-{digest}")
    except OSError as error:
        raise CannotStart(f"{error}, or use a data folder with a shorter path") from error


def _is_locked(descriptor: int) -> bool:
    """Whether another process holds the exclusive lock of an open file."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
