"""The settings of one worker, read from the environment once."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from judge_core.fast_paths import FastPath, parse_fast_paths
from judge_core.languages import BrokenLanguage, UnknownLanguage, parse_offered, read_own_languages
from judge_core.local_urls import redis_socket_url
from judge_core.messages import FREE_BYTES, LEASE_SECONDS, MAX_LEASE_SECONDS
from judge_core.model.account import Tier
from judge_core.model.tiers import DEFAULT_TIERS, parse_tiers
from judge_core.model.worker import DEFAULT_POOL, POOL_PATTERN
from judge_core.redis.worker_users import USER_PREFIX, user_of_url, user_of_worker
from sandbox.launcher.seccomp_compiler import profile_names
from sandbox.slot import OwnFiles
from workers.speed import OutsideBand, SpeedRule

AUTOMATIC_POOL = "auto"
MAX_SLOTS_OF_A_WORKER = 64
_MOST_SPEED = 1_000.0
_BACKENDS = ("auto", "launcher", "bubblewrap", "gvisor")
COPY_BYTES = 2 << 30
"""The default limit of a copy of the system. Debian with C, C++ and Python fits into it."""


class WorkerSettingsError(Exception):
    """A variable is missing or wrong. The message names the variable, and says what would be right."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """The settings of one worker: its tier and pool, which name its queue, the addresses of the main server
    and Redis, and its folders.

    ``lease_seconds`` is how long it may send no heartbeat before another worker gets its submission.
    ``is_slot_chosen`` says that ``GAVEL_SLOT`` names the slot, so the worker takes no other slot. ``slots``
    is how many tests of one submission it may run at once while no other worker of this machine judges. After
    ``attempt_seconds`` it gives up a judgement that does not end. A job may have at most ``job_bytes``,
    decompressed; the main server accepts far less. ``cache_bytes`` and ``compile_cache_bytes`` bound the
    host's problem packages and compiled programs. With less than
    ``free_bytes`` on its disk it takes no submission. ``box_root`` has the /usr and /etc of its boxes. It is
    the host's root, or a copy for only this worker or tier. ``own_files`` says whether its boxes must share
    no page of a file with those of other slots. Without FUSE they get a copy of the system, if the copy has
    at most ``copy_bytes``. ``languages`` are the ids of the languages that this worker offers; empty means
    every one that works. ``cpus`` is the core of this slot by ``GAVEL_CORES``. ``None`` lets the sandbox
    choose, and empty means none. ``side_cpus`` are the cores of its side slots, which follow that core in
    ``GAVEL_CORES``. ``speed_rule`` says which speed its host must have.
    """

    queue: Tier
    pool: str
    redis_url: str
    server_url: str
    worker_token: str
    cache: Path
    slot: int
    is_slot_chosen: bool
    slots: int
    name: str
    sandbox: str
    cpus: tuple[int, ...] | None
    side_cpus: tuple[tuple[int, ...] | None, ...]
    box_root: Path
    own_files: OwnFiles
    copy_bytes: int
    languages_dir: Path | None
    languages: frozenset[str]
    toolchain_paths: tuple[Path, ...]
    host_path: tuple[str, ...]
    speed_rule: SpeedRule
    lease_seconds: float
    attempt_seconds: float
    faults_allowed: int
    job_bytes: int
    cache_bytes: int
    compile_cache_bytes: int
    free_bytes: int
    run_all: bool
    fast_paths: frozenset[FastPath]
    log_format: str
    log_level: str

    @classmethod
    def from_env(cls, env: Mapping[str, str], queue: str, pool: str | None = None) -> WorkerSettings:
        """Read every variable. Raises :class:`WorkerSettingsError`."""
        env = {**_from_data_folder(env), **{name: value for name, value in env.items() if value}}
        tier = _tier(queue, env)
        slot = int(_number(env, "GAVEL_SLOT", 0, least=0))
        slots = int(_number(env, "GAVEL_SLOTS", 1, least=1, most=MAX_SLOTS_OF_A_WORKER))
        cores = env.get("GAVEL_CORES", "auto")
        backend = env.get("GAVEL_SANDBOX", "auto")
        if backend not in _BACKENDS:
            raise WorkerSettingsError(
                f"GAVEL_SANDBOX={backend!r} is wrong: use one of {', '.join(_BACKENDS)}"
            )
        return cls(
            queue=tier,
            pool=_pool(pool or env.get("GAVEL_POOL", DEFAULT_POOL)),
            redis_url=_redis_url(env),
            server_url=_server_url(env.get("GAVEL_SERVER_URL", "http://127.0.0.1:8000")),
            worker_token=env.get("GAVEL_WORKER_TOKEN", ""),
            cache=_cache(env).absolute(),
            slot=slot,
            is_slot_chosen="GAVEL_SLOT" in env,
            slots=slots,
            name=_worker_name(env, f"{tier}-{socket.gethostname()}-{slot}"),
            sandbox=backend,
            cpus=_cores(cores, slot),
            side_cpus=tuple(_cores(cores, slot + beside) for beside in range(1, slots)),
            box_root=_box_root(env),
            own_files=_own_files(env.get("GAVEL_OWN_FILES", OwnFiles.AUTO)),
            copy_bytes=int(_number(env, "GAVEL_COPY_BYTES", COPY_BYTES, least=0, most=1e15)),
            languages_dir=languages_dir(env),
            languages=_languages(env),
            toolchain_paths=toolchain_paths(env),
            host_path=tuple(each for each in env.get("PATH", "").split(":") if each.startswith("/")),
            speed_rule=_speed_rule(env),
            lease_seconds=_number(env, "GAVEL_LEASE_SECONDS", LEASE_SECONDS, 2.0, MAX_LEASE_SECONDS),
            attempt_seconds=_number(env, "GAVEL_ATTEMPT_SECONDS", 900.0, least=1.0),
            faults_allowed=int(_number(env, "GAVEL_FAULTS_ALLOWED", 3, least=1)),
            job_bytes=int(_number(env, "GAVEL_JOB_BYTES", 16 << 20, least=1 << 20, most=1 << 30)),
            cache_bytes=int(_number(env, "GAVEL_CACHE_BYTES", 4 << 30, least=1 << 20, most=1e15)),
            compile_cache_bytes=int(
                _number(env, "GAVEL_COMPILE_CACHE_BYTES", 2 << 30, least=1 << 20, most=1e15)
            ),
            free_bytes=int(_number(env, "GAVEL_FREE_BYTES", FREE_BYTES, least=0, most=1e15)),
            run_all=env.get("GAVEL_RUN_ALL", "").lower() in ("1", "true", "yes"),
            fast_paths=_fast_paths(env.get("GAVEL_FAST_PATHS", "all")),
            log_format=env.get("GAVEL_LOG_FORMAT", "text"),
            log_level=_log_level(env.get("GAVEL_LOG_LEVEL", "INFO")),
        )


def _from_data_folder(env: Mapping[str, str]) -> dict[str, str]:
    """The addresses and the workers' token in the data folder of a `gavel up` on this machine."""
    if not env.get("GAVEL_DATA"):
        return {}
    data = Path(env["GAVEL_DATA"]).absolute()
    found = {"GAVEL_REDIS_URL": redis_socket_url(data / "redis.sock")}
    try:
        credentials = json.loads((data / "credentials.json").read_text())
        found["GAVEL_SERVER_URL"] = str(credentials["url"])
        found["GAVEL_REDIS_URL"] = str(credentials.get("redis_url") or found["GAVEL_REDIS_URL"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass  # An installation on several machines has no such file.
    with contextlib.suppress(OSError):
        found["GAVEL_WORKER_TOKEN"] = (data / "worker_token").read_text().strip()
    return found


def _worker_name(env: Mapping[str, str], default: str) -> str:
    """The name. Redis must accept it as the name of a client. It must not look like the name of a worker with
    a Redis user of its own, unless this worker has such a user."""
    name = env.get("GAVEL_WORKER_NAME", default)
    if re.fullmatch(r"[!-~]{1,150}", name) is None:
        raise WorkerSettingsError(
            f"GAVEL_WORKER_NAME={name!r} is wrong: use at most 150 letters, digits and signs of ASCII, and "
            "no spaces, since Redis refuses other names"
        )
    if user_of_worker(name) is not None and user_of_url(env.get("GAVEL_REDIS_URL", "")) is None:
        raise WorkerSettingsError(
            f"GAVEL_WORKER_NAME={name!r} is wrong: leave out the @, since {USER_PREFIX}…@ begins the names "
            "of workers with a Redis user of their own"
        )
    return name


def _cache(env: Mapping[str, str]) -> Path:
    """The cache folder: ``GAVEL_CACHE``, else a folder in the data folder, else one of this user.

    For root that is in ``/var/cache``, for other users in their cache folder. Other users cannot write to
    either. A user without a home gets a folder in the temporary folder.
    """
    if env.get("GAVEL_CACHE"):
        return Path(env["GAVEL_CACHE"])
    if env.get("GAVEL_DATA"):
        return Path(env["GAVEL_DATA"]) / "cache"
    if os.geteuid() == 0:
        return Path("/var/cache/gavel")
    if env.get("XDG_CACHE_HOME") or env.get("HOME"):
        return Path(env.get("XDG_CACHE_HOME") or f"{env['HOME']}/.cache") / "gavel"
    return Path(tempfile.gettempdir()) / f"gavel-cache-{os.geteuid()}"


def _box_root(env: Mapping[str, str]) -> Path:
    """The host's own root, or a copy that holds usr."""
    root = Path(env.get("GAVEL_BOX_ROOT") or "/")
    if not root.is_absolute() or not (root / "usr").is_dir():
        raise WorkerSettingsError(
            f"GAVEL_BOX_ROOT={str(root)!r} is wrong: it must be an absolute path of a folder that holds usr, "
            "a copy of this host's /usr (docs/explanation/threat-model.md)"
        )
    return root


def _own_files(text: str) -> OwnFiles:
    if text not in tuple(OwnFiles):
        raise WorkerSettingsError(
            f"GAVEL_OWN_FILES={text!r} is wrong: use one of {', '.join(OwnFiles)} "
            "(docs/explanation/threat-model.md)"
        )
    return OwnFiles(text)


_NOT_SHOWN = ("/etc", "/dev", "/proc", "/sys", "/run", "/tmp", "/w", "/p")
_HOMES = ("/", "/home", "/root", "/var", "/usr", "/opt", "/srv", "/mnt", "/media")


def toolchain_paths(env: Mapping[str, str]) -> tuple[Path, ...]:
    """Folders of toolchains, which every box may read. A folder that contains more than a toolchain is
    refused."""
    paths = tuple(Path(each) for each in env.get("GAVEL_TOOLCHAIN_PATHS", "").split(":") if each.strip())
    homes = {*map(Path, _HOMES), *((Path(env["HOME"]),) if env.get("HOME") else ())}
    for path in paths:
        text = f"GAVEL_TOOLCHAIN_PATHS={env['GAVEL_TOOLCHAIN_PATHS']!r} is wrong: {path}"
        if not path.is_absolute() or ".." in path.parts:
            raise WorkerSettingsError(f"{text} must be an absolute path; separate paths by colons")
        if any(path.is_relative_to(each) for each in _NOT_SHOWN):
            raise WorkerSettingsError(
                f"{text} is not visible in a box, which has its own folder there; install it elsewhere"
            )
        if path in homes or path.resolve() in homes:
            raise WorkerSettingsError(f"{text} holds more than a toolchain, and every program could read it")
        private = (Path(env[name]).resolve() for name in _PRIVATE if env.get(name))
        if any(each.is_relative_to(path.resolve()) for each in private):
            raise WorkerSettingsError(f"{text} holds Gavel's own data, and every program could read it")
    return paths


_PRIVATE = ("GAVEL_DATA", "GAVEL_CACHE")


def languages_dir(env: Mapping[str, str]) -> Path | None:
    """The operator's folder of languages, whose files are all valid and name seccomp profiles that exist."""
    text = env.get("GAVEL_LANGUAGES_DIR", "").strip()
    if not text:
        return None
    folder = Path(text).absolute()
    try:
        languages = read_own_languages(folder)
    except BrokenLanguage as error:
        raise WorkerSettingsError(f"GAVEL_LANGUAGES_DIR={text!r} is wrong: {error}") from error
    profiles = profile_names()
    for language in languages.values():
        for key, name in (
            ("needs", language.seccomp_profile),
            ("compile_needs", language.compile_seccomp_profile),
        ):
            if name not in profiles:
                raise WorkerSettingsError(
                    f"GAVEL_LANGUAGES_DIR={text!r} is wrong: {language.id}.toml: {key} = {name!r} is no "
                    f"profile of system calls; choose from {', '.join(profiles)}"
                )
    return folder


def _languages(env: Mapping[str, str]) -> frozenset[str]:
    """The ids that ``GAVEL_LANGUAGES`` names, from the catalog or the operator's own folder."""
    text = env.get("GAVEL_LANGUAGES", "")
    try:
        return parse_offered(text, languages_dir(env))
    except UnknownLanguage as error:
        raise WorkerSettingsError(f"GAVEL_LANGUAGES={text!r} is wrong: {error}") from error


_CORES = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?").fullmatch


def _cores(text: str, slot: int) -> tuple[int, ...] | None:
    """The cores of a slot by ``GAVEL_CORES``: ``None`` for ``auto``, empty for ``never``, or else one core of
    a list such as ``2,3`` or ``2-5``. The slots take the cores of the list in turn."""
    if text in ("", "auto"):
        return None
    if text == "never":
        return ()
    cores: list[int] = []
    for part in text.replace(" ", "").split(","):
        found = _CORES(part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if last < first:
            raise WorkerSettingsError(
                f"GAVEL_CORES={text!r} is wrong: use auto, never, or cores such as 2,3 or 2-5"
            )
        cores += range(first, last + 1)
    return (cores[slot % len(cores)],)


def _speed_rule(env: Mapping[str, str]) -> SpeedRule:
    band, outside = env.get("GAVEL_SPEED_BAND", "0.5-2"), env.get("GAVEL_SPEED_OUTSIDE", "warn")
    found = re.fullmatch(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)", band)
    if found is None or not 0 < float(found[1]) <= 1 <= float(found[2]) <= _MOST_SPEED:
        raise WorkerSettingsError(
            f"GAVEL_SPEED_BAND={band!r} is wrong: use two multiples around 1, such as 0.5-2"
        )
    if outside not in tuple(OutsideBand):
        raise WorkerSettingsError(
            f"GAVEL_SPEED_OUTSIDE={outside!r} is wrong: use one of {', '.join(OutsideBand)}"
        )
    reference = _number(env, "GAVEL_SPEED_REFERENCE", 0, least=0, most=_MOST_SPEED) or None
    return SpeedRule(reference, float(found[1]), float(found[2]), OutsideBand(outside))


def _fast_paths(text: str) -> frozenset[FastPath]:
    try:
        return parse_fast_paths(text)
    except ValueError as error:
        raise WorkerSettingsError(f"GAVEL_FAST_PATHS={text!r} is wrong: {error}") from error


def _pool(name: str) -> str:
    if re.fullmatch(POOL_PATTERN, name) is None:
        raise WorkerSettingsError(
            f"GAVEL_POOL={name!r} is wrong: use at most 32 small letters, digits and hyphens, a letter "
            f"first, or {AUTOMATIC_POOL} for a pool of all workers with the same languages"
        )
    return name


def _tier(queue: str, env: Mapping[str, str]) -> Tier:
    text = env.get("GAVEL_TIERS", "")
    try:
        tiers = parse_tiers(text) if text else DEFAULT_TIERS
    except ValueError as error:
        raise WorkerSettingsError(f"GAVEL_TIERS={text!r} is wrong: {error}") from error
    if queue not in tiers:
        raise WorkerSettingsError(
            f"--queue {queue!r} is wrong: use one of {tiers}, or set GAVEL_TIERS as on the main server to "
            "define others"
        )
    return Tier(queue)


def _redis_url(env: Mapping[str, str]) -> str:
    if env.get("GAVEL_REDIS_URL"):
        url = env["GAVEL_REDIS_URL"]
        if not _is_redis_url(url):
            raise WorkerSettingsError(
                f"GAVEL_REDIS_URL={_without_password(url)!r} is wrong: use redis://HOST:PORT/0, "
                "rediss://HOST:PORT/0, unix:///PATH or sentinel://HOST:PORT,HOST:PORT/NAME/0, and write "
                "special characters of a password as %XX"
            )
        return url
    raise WorkerSettingsError(
        "GAVEL_REDIS_URL is missing: set it to the Redis of the main server, or name the data folder of a "
        "`gavel up` on this machine with --data"
    )


def _is_redis_url(url: str) -> bool:
    scheme, _, rest = url.partition("://")
    place = rest.rpartition("@")[2]
    if scheme == "sentinel":
        hosts, *path = place.split("/")
        return bool(path and path[0]) and all(_has_port(f"//{each}") for each in hosts.split(","))
    return bool(place) if scheme == "unix" else scheme in ("redis", "rediss") and _has_port(f"//{place}")


def _has_port(url: str) -> bool:
    """Whether the port of a URL is a number, or left out."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _without_password(url: str) -> str:
    """A URL without its user and password, for an error's text."""
    scheme, separator, rest = url.rpartition("://")
    place = rest.rpartition("@")[2]
    return f"{scheme}{separator}{'…@' if place != rest else ''}{place}"


def _log_level(text: str) -> str:
    level = text.upper()
    if level not in logging.getLevelNamesMapping():
        raise WorkerSettingsError(f"GAVEL_LOG_LEVEL={text!r} is wrong: use DEBUG, INFO, WARNING or ERROR")
    return level


def _server_url(text: str) -> str:
    if re.fullmatch(r"https?://[^/\s?#]+(/[^\s?#]*)?", text, re.IGNORECASE) is None:
        raise WorkerSettingsError(
            f"GAVEL_SERVER_URL={text!r} is wrong: it must begin with http:// or https:// and a host, such as "
            "http://127.0.0.1:8000"
        )
    return text.rstrip("/")


def _number(env: Mapping[str, str], name: str, default: float, least: float, most: float = 1e9) -> float:
    text = env.get(name)
    try:
        number = float(text) if text else default
    except ValueError:
        raise WorkerSettingsError(f"{name}={text!r} is wrong: it must be a number") from None
    if number > most:
        raise WorkerSettingsError(f"{name}={text!r} is wrong: it must be at most {most:g}")
    if not least <= number < float("inf"):
        raise WorkerSettingsError(f"{name}={text!r} is wrong: it must be at least {least:g}")
    return number
