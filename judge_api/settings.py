"""The settings of the main server, read from the environment (``GAVEL_*``) into one frozen record."""

# ruff: noqa: RUF009 (each field is declared with its meaning and its parser)
from __future__ import annotations

import resource
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

import platformdirs

from judge_api.setting_parsers import (
    SmtpServer,
    days,
    days_of_a_year,
    folder_path,
    level,
    mail_sender,
    non_negative,
    not_empty,
    port_number,
    positive,
    positive_seconds,
    site_address,
    smtp_server,
    web_origins,
    yes_or_no,
)
from judge_api.store.engine import DatabaseLimits
from judge_core.fast_paths import ALL_FAST_PATHS, FastPath, parse_fast_paths, show_fast_paths
from judge_core.languages import BrokenLanguage, read_own_languages
from judge_core.local_urls import redis_socket_url, sqlite_url
from judge_core.messages import FREE_BYTES, LEASE_SECONDS
from judge_core.model.account import QuotaChanges, Tier, parse_quota_changes
from judge_core.model.identity_provider import IdentityProvider, parse_identity_providers
from judge_core.model.tiers import DEFAULT_TIERS, Tiers, parse_helpers, parse_tiers

PREFIX = "GAVEL_"
Network = IPv4Network | IPv6Network


class SettingsError(Exception):
    """A variable has an invalid value. The message names it and says what is valid."""


class SignUp(StrEnum):
    """Access to sign-up: open, by invitation, by single sign-on only, or closed to all."""

    OPEN = "open"
    INVITATION = "invitation"
    SSO = "sso"
    CLOSED = "closed"


class LogFormat(StrEnum):
    """The format of the log: text for people, or one JSON object a line."""

    TEXT = "text"
    JSON = "json"


def _setting(meaning: str, read: Callable[[str], Any], default: Any = MISSING, secret: bool = False) -> Any:
    metadata = {"meaning": meaning, "read": read, "secret": secret}
    return field(default=default, metadata=metadata)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.replace(",", " ").split() if word)


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(word) for word in _words(text))


def _own_languages(text: str) -> Path | None:
    """An absolute folder whose files are all valid; ``None`` for an empty text."""
    if not text:
        return None
    folder = Path(text).absolute()
    read_own_languages(folder)
    return folder


def _folder_or_none(text: str) -> Path | None:
    return Path(text).absolute() if text else None


def _quota_file(path: str) -> QuotaChanges:
    return parse_quota_changes(_toml(Path(path)))


def _provider_file(path: str) -> tuple[IdentityProvider, ...]:
    """The providers of a TOML file; files of secrets are looked for beside it. Empty for no path."""
    if not path:
        return ()
    file = Path(path).absolute()
    return parse_identity_providers(_toml(file), lambda name: _text_of(file.parent / name))


def _toml(file: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(_text_of(file))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the file cannot be read: {error}") from error


def _text_of(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the file cannot be read: {error}") from error


def _per_tier(text: str) -> Mapping[Tier, int] | int:
    """``20`` for every tier, or ``normal=20,premium=200``; a tier left out keeps its default."""
    if "=" not in text:
        return positive(text)
    named = dict(part.split("=", 1) for part in _words(text))
    return {Tier(name): positive(number) for name, number in named.items()}


UNFINISHED_OF_WEIGHT_ONE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The main server's settings; the workers have their own, smaller record.

    A field ``host`` is read from ``GAVEL_HOST``, and so on. A variable that is not set gets the default. An
    invalid value is never replaced by the default. It raises an error that names the variable.
    """

    data: Path = _setting("Folder of the database, packages, keys and sockets", folder_path)
    database_url: str = _setting("SQLAlchemy URL; the default is SQLite in the data folder", not_empty)
    database_connections: int = _setting("PostgreSQL: the most connections of one process", positive, 20)
    database_wait_seconds: float = _setting(
        "PostgreSQL: longest wait for a connection before 503", positive_seconds, 5.0
    )
    database_statement_seconds: float = _setting(
        "PostgreSQL: a statement that takes longer is ended", positive_seconds, 15.0
    )
    database_lock_seconds: float = _setting(
        "PostgreSQL: a statement that waits longer for a lock is ended", positive_seconds, 5.0
    )
    database_answer_seconds: float = _setting(
        "A request that writes, except below /admin/ and /internal/, is answered 503 when the database takes "
        "longer than this in all",
        positive_seconds,
        4.0,
    )
    redis_url: str = _setting(
        "Redis of the queues: redis://, rediss:// or sentinel://; the default is a socket in the data folder",
        not_empty,
    )
    host: str = _setting("Address the API listens on", not_empty, "127.0.0.1")
    port: int = _setting("Port the API listens on", port_number, 8000)
    public_url: str = _setting(
        "Address by which clients reach the API, without a slash at the end", site_address
    )
    tls_certificate: str = _setting("PEM file with the API's certificate chain; empty: plain HTTP", str, "")
    tls_key: str = _setting("PEM file with the key of the API's certificate", str, "")
    web_processes: int = _setting("Processes that answer HTTP", positive, 1)
    trusted_proxies: int = _setting(
        "Number of reverse proxies whose X-Forwarded-* headers are trusted", non_negative, 0
    )
    secret_key: str = _setting(
        "Secret that signs sessions and messages in Redis, the same for all API processes and dispatchers; "
        "empty: one is made and kept in the data folder",
        str,
        "",
        True,
    )
    accept_unproven_reports: bool = _setting(
        "Whether reports without a proof count, as workers of release 0.2.0 send them. While it is yes, "
        "names of jobs in Redis can be guessed: set no once no process is of release 0.2.0",
        yes_or_no,
        True,
    )
    worker_token: str = _setting(
        "Bearer token of the workers; empty: one is made and kept in the data folder", str, "", True
    )
    metrics_token: str = _setting("Bearer token for /metrics; empty: this host only", str, "", True)
    tiers: Tiers = _setting(
        "The tiers and their weights: a heavier one is served first, and by default its accounts may have "
        f"{UNFINISHED_OF_WEIGHT_ONE} unfinished submissions for each unit of weight. "
        "Each process must get the same",
        parse_tiers,
        DEFAULT_TIERS,
    )
    spill_over: frozenset[tuple[Tier, Tier]] = _setting(
        "Tiers whose submissions may go to workers of another tier, such as gold=premium,normal=premium; "
        "see docs/how-to/add-tiers.md",
        parse_helpers,
        frozenset(),
    )
    max_unfinished: Mapping[Tier, int] = _setting(
        "Unfinished submissions an account may have: a number, or normal=20,premium=200", _per_tier
    )
    source_bytes: int = _setting("Longest source in bytes", positive, 262_144)
    body_bytes: int = _setting("Longest request body in bytes", positive, 4_194_304)
    body_seconds: float = _setting(
        "Time for a request body to arrive; each 64 KiB received adds a second", positive_seconds, 30.0
    )
    account_streams: int = _setting(
        "Event streams, WebSockets and waiting polls that an account may have open in one process; at most a "
        "quarter of the streams of a process",
        positive,
        250,
    )
    address_streams: int = _setting(
        "Event streams, WebSockets and waiting polls of one address in one process; at most half of "
        "the streams of a process. Behind a proxy set GAVEL_TRUSTED_PROXIES",
        positive,
        2000,
    )
    package_bytes: int = _setting("Largest problem package in bytes", positive, 268_435_456)
    object_storage: str = _setting(
        "Bucket of the problem packages, s3://bucket/prefix; empty: the data folder alone holds them", str, ""
    )
    object_storage_endpoint: str = _setting("Address of the bucket's S3 server; empty: Amazon's", str, "")
    object_storage_region: str = _setting("Region of the bucket's server", str, "us-east-1")
    object_storage_key: str = _setting(
        "Access key of the bucket; empty: boto3 looks for one (AWS_ACCESS_KEY_ID, or the host's role)",
        str,
        "",
    )
    object_storage_secret: str = _setting("Secret of the access key", str, "", True)
    quotas: QuotaChanges = _setting(
        "A TOML file of quotas by tier, such as [normal] per_minute = 30; see docs/reference/quotas.md",
        _quota_file,
    )
    free_bytes: int = _setting(
        "With less free disk space than this, submissions and packages are refused with 503, and a worker "
        "takes no submission",
        non_negative,
        FREE_BYTES,
    )
    enqueue_budget_ms: int = _setting("Time a POST may spend on reaching the queue", positive, 150)
    lease_seconds: float = _setting(
        "Seconds without a heartbeat, after which another worker gets the submission",
        positive_seconds,
        LEASE_SECONDS,
    )
    max_attempts: int = _setting("Tries at judging one submission before it is FAILED", positive, 3)
    work_conserving: bool = _setting(
        "yes: all tiers spill over to each other. An idle premium worker judges normal submissions while "
        "another premium worker stays free, and normal workers judge premium ones while no premium worker "
        "lives",
        yes_or_no,
        False,
    )
    sign_up: SignUp = _setting(
        "Who may make an account: open, invitation, sso (by single sign-on only) or closed",
        SignUp,
        SignUp.OPEN,
    )
    oidc_providers: tuple[IdentityProvider, ...] = _setting(
        "A TOML file of providers for single sign-on by OpenID Connect; see docs/how-to/single-sign-on.md",
        _provider_file,
        (),
    )
    smtp_url: SmtpServer | None = _setting(
        "Server that sends e-mail, smtp://user:password@host:587 or smtps://…; empty: no e-mail is sent",
        smtp_server,
        None,
        True,
    )
    mail_from: str = _setting("Sender of e-mail; empty: gavel@ the host of the public URL", mail_sender, "")
    admin_second_factor: bool = _setting(
        "yes: administrators need a second factor to operate by the pages", yes_or_no, False
    )
    deletion_days: int = _setting(
        "Days until an account is deleted after its owner has asked for it", days_of_a_year, 14
    )
    address_days: int = _setting(
        "Days after which the network address of a session, a key or an event's member is erased, counted "
        "from its last use or the event's end; 0: never",
        days,
        90,
    )
    log_days: int = _setting(
        "Days after which entries of the audit log and rotated log files are deleted; 0: never",
        days,
        0,
    )
    cors_origins: tuple[str, ...] = _setting(
        "Origins that browsers may call from; * for all", web_origins, ()
    )
    judge0_auth_header: str = _setting(
        "Header by which Judge0 clients send their API key", str, "X-Auth-Token"
    )
    judge0_authz_header: str = _setting(
        "Header by which Judge0 clients send an administrator's key as second key", str, "X-Auth-User"
    )
    judge0_delete: bool = _setting(
        "yes: DELETE of Judge0's API, sent with an administrator's key, deletes an ended run",
        yes_or_no,
        False,
    )
    guest_account: str = _setting(
        "Account for requests without a key to the APIs of Piston and Jobe; empty: refused", str, ""
    )
    languages_dir: Path | None = _setting(
        "Folder of your own languages, one TOML file each (docs/how-to/add-a-language.md)",
        _own_languages,
        None,
    )
    dolos_dir: Path | None = _setting(
        "Folder in which npm has installed Dolos' library, for similarity reports; empty: dolos in the data "
        "folder (docs/how-to/compare-programs.md)",
        _folder_or_none,
        None,
    )
    webhook_networks: tuple[Network, ...] = _setting(
        "Networks that are not public and that webhooks may call, such as 10.1.0.0/16", _networks, ()
    )
    alert_backlog: int = _setting(
        "Operators' webhooks get a message when more submissions of a tier wait than this; 0: never",
        non_negative,
        1000,
    )
    fast_paths: frozenset[FastPath] = _setting(
        "Fast paths, which bypass a library for speed: all, none, or some of "
        f"{', '.join(FastPath)}; each process must get the same",
        parse_fast_paths,
        ALL_FAST_PATHS,
    )
    log_format: LogFormat = _setting("text or json", LogFormat, LogFormat.TEXT)
    log_level: str = _setting("DEBUG, INFO (a line for each submission), WARNING or ERROR", level, "INFO")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read every variable once; raises :class:`SettingsError` that names the first wrong one."""
        found = {f.name: _read(f, env[name]) for f in fields(cls) if (name := variable(f.name)) in env}
        data = found.setdefault("data", Path(platformdirs.user_data_dir("gavel"))).absolute()
        place = listen_address(found.get("host", "127.0.0.1"), found.get("port", 8000))
        found.setdefault("database_url", sqlite_url(data / "gavel.db"))
        found.setdefault("redis_url", redis_socket_url(data / "redis.sock"))
        found["public_url"] = found.get("public_url") or f"http://{place}"
        found.setdefault("quotas", {})
        _settle_tiers(found)
        return cls(**{**found, "data": data})

    @property
    def database_limits(self) -> DatabaseLimits:
        return DatabaseLimits(
            self.database_connections,
            self.database_wait_seconds,
            self.database_statement_seconds,
            self.database_lock_seconds,
        )

    @property
    def dolos(self) -> Path:
        """The folder with Dolos' library, for similarity reports."""
        return self.dolos_dir or self.data / "dolos"

    @property
    def packages(self) -> Path:
        """The folder of the problem packages, each named by its hash."""
        return self.data / "packages"


def _settle_tiers(found: dict[str, Any]) -> None:
    """Check the settings that name tiers, and fill in the limits of the other tiers. Raises
    :class:`SettingsError` for an undefined tier."""
    tiers, pairs = found.get("tiers", DEFAULT_TIERS), found.get("spill_over", frozenset())
    given = found.get("max_unfinished", {})
    numbers = dict.fromkeys(tiers, given) if isinstance(given, int) else given
    named = {
        "max_unfinished": numbers,
        "quotas": found["quotas"],
        "spill_over": [t for pair in pairs for t in pair],
        "oidc_providers": [t for one in found.get("oidc_providers", ()) for t in one.tiers.values()],
    }
    for setting, names in named.items():
        for tier in names:
            if tier not in tiers:
                raise SettingsError(
                    f"{variable(setting)} names the tier {tier}, which is not defined. Choose from {tiers}. "
                    f"GAVEL_TIERS defines other tiers, such as GAVEL_TIERS=normal=1,premium=10,{tier}=20."
                )
    defaults = {tier: UNFINISHED_OF_WEIGHT_ONE * weight for tier, weight in tiers.weights.items()}
    found["max_unfinished"] = {**defaults, **numbers}
    found["tiers"] = tiers.all_helping() if found.get("work_conserving") else replace(tiers, helpers=pairs)


def listen_address(host: str, port: int) -> str:
    """The host with its port; brackets mark an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"


def variable(field_name: str) -> str:
    return PREFIX + field_name.upper()


def _read(setting: Field[Any], text: str) -> Any:
    try:
        return setting.metadata["read"](text.strip())
    except (ValueError, KeyError, BrokenLanguage) as error:
        meaning = setting.metadata["meaning"]
        fault = str(error) if str(error).endswith("?") else f"{error}."
        given = "" if setting.metadata["secret"] else f"={text!r}"
        raise SettingsError(f"{variable(setting.name)}{given} is wrong: {fault} {meaning}.") from error


@dataclass(frozen=True, slots=True)
class SettingDescription:
    """One setting as ``gavel settings`` shows it; a secret's value is masked."""

    variable: str
    value: str
    default: str
    meaning: str
    is_set: bool


def describe_settings(env: Mapping[str, str]) -> list[SettingDescription]:
    """All settings with value, default and meaning, in the order of the record."""
    chosen, defaults = Settings.from_env(env), Settings.from_env({})
    return [_describe(f, chosen, defaults, env) for f in fields(Settings)]


def _describe(
    setting: Field[Any], chosen: Settings, defaults: Settings, env: Mapping[str, str]
) -> SettingDescription:
    name = variable(setting.name)
    show = show_fast_paths if setting.name == "fast_paths" else _show
    value = show(getattr(chosen, setting.name))
    if setting.metadata["secret"] and value:
        value = "(set)"
    default = show(getattr(defaults, setting.name))
    return SettingDescription(name, value, default, setting.metadata["meaning"], name in env)


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Tiers):
        return _show(value.weights)
    if isinstance(value, Mapping):
        return ",".join(f"{key}={_show(number)}" for key, number in value.items())
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, frozenset):
        return ",".join("=".join(pair) for pair in sorted(value))
    return _without_password(str(value))


def _without_password(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    account, at, place = rest.rpartition("@")
    if not at or ":" not in account:
        return text
    return f"{scheme}{separator}{account.split(':', 1)[0]}:***@{place}"


CONNECTIONS = 10_000
"""The most connections of one API process, whatever number of files it may open."""
OTHER_FILES = 256
"""Open files that are no connections of clients: the database, Redis, logs, files that are sent."""
FEWEST_CONNECTIONS = 64


def connection_pool() -> int:
    """The number of connections that this process can have, with the open files that it is allowed.

    It is in this module because gunicorn's configuration calls it. The configuration must import neither
    redis nor requests, since gevent patches the standard library only afterwards.
    """
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files == resource.RLIM_INFINITY:
        return CONNECTIONS
    return max(FEWEST_CONNECTIONS, min(CONNECTIONS, files - OTHER_FILES))
