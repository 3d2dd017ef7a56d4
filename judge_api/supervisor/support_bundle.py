"""Collects in one zip file what a person elsewhere needs to find a fault.

Secrets are replaced in every file of the bundle: the secret values of settings and of files in the data
folder, and all that looks like a key, a one-time link or a password in a URL.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import quote, unquote

from judge_api.settings import Settings, describe_settings, variable
from judge_api.supervisor.data_folder import DataFolder, read_credentials
from judge_api.supervisor.worker_variables import WORKER_VARIABLES

REPLACED = "(removed)"
LOG_BYTES = 2_000_000
"""How many bytes at the end of each log are taken."""
_SHORTEST = 6
"""The shortest secret whose value is searched for. A shorter secret may be a part of any word, so only the
patterns below find it."""
_PATTERNS = (
    re.compile(r"\bgv[a-z]_[A-Za-z0-9_-]{8,}"),  # Keys, sessions, invitations and links of Gavel.
    re.compile(r"(?<=://)[^\s/@\"']*:[^\s/@\"']+(?=@)"),  # A user and a password in a URL.
    re.compile(r"(?i)(?<=bearer )[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(?i)(?<=x-auth-token: )\S{8,}"),
)
NO_LOGS = "logs/none.txt"
_NO_LOGS = """\
There is no log in {folder}. Only `gavel up` writes logs to files. Other processes write them to stderr.
Save these logs with the command for your installation, and send them with this file. Nothing is removed from
them, so read them first.

Compose:
  docker compose logs --no-color --since 24h > logs.txt
Kubernetes:
  kubectl -n gavel logs -l 'app.kubernetes.io/component in (api,dispatcher)' --prefix --since 24h > logs.txt
  kubectl -n gavel-workers logs -l app.kubernetes.io/component=worker --prefix --since 24h > workers.txt
systemd:
  journalctl -u 'gavel*' --since -24h > logs.txt
"""
_SECRET_FILES = ("secret_key", "worker_token")


class Redactor:
    """Replaces known secrets, and texts that look like secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        long = {each for each in secrets if len(each) >= _SHORTEST}
        known = sorted({written for each in long for written in _ways_to_write(each)}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def clean(self, text: str) -> str:
        """The text with the secrets that are found replaced."""
        if self._known is not None:
            text = self._known.sub(REPLACED, text)
        for pattern in _PATTERNS:
            text = pattern.sub(REPLACED, text)
        return text


def known_secrets(environment: Mapping[str, str], data: Path) -> set[str]:
    """The values of all secret settings and variables, the passwords in URLs, and the secrets in the data
    folder."""
    of_settings = {variable(each.name) for each in fields(Settings) if each.metadata["secret"]}
    of_workers = {name for name, each in WORKER_VARIABLES.items() if each.is_secret}
    found = {environment[name] for name in of_settings | of_workers if environment.get(name)}
    found |= {name for value in environment.values() for name in _passwords(value)}
    found |= {value for name, value in environment.items() if _names_secret(name)}
    for name in _SECRET_FILES:
        try:
            found.add((data / name).read_text(errors="replace").strip())
        except OSError:
            continue
    credentials = read_credentials(data / "credentials.json")
    if credentials is not None:
        found |= {account.key for account in credentials.accounts.values()}
        found |= _passwords(credentials.redis_url or "")
    return found


def _names_secret(name: str) -> bool:
    """Whether a variable's name says that it holds a secret. This finds variables that Gavel itself does not
    read, such as Compose's."""
    return re.search(r"PASSWORD|SECRET|TOKEN|_KEY$|CREDENTIAL", name.upper()) is not None


def _ways_to_write(secret: str) -> set[str]:
    """A secret as it is, and as it is written in JSON and in URLs."""
    as_json = {json.dumps(secret, ensure_ascii=ascii, allow_nan=False)[1:-1] for ascii in (True, False)}
    return {secret, quote(secret, safe=""), *as_json}


def _passwords(address: str) -> set[str]:
    account, at, _ = address.partition("://")[2].rpartition("@")
    password = account.partition(":")[2] if at else ""
    return {password, unquote(password)} - {""}


def versions() -> dict[str, object]:
    """The versions of Gavel, of its packages and of the system."""
    packages = {each.metadata["Name"]: each.version for each in distributions() if each.metadata["Name"]}
    system = os.uname()
    release = _read(Path("/etc/os-release"))
    return {
        "gavel": packages.get("gavel-judge"),
        "system": {"kernel": system.release, "machine": system.machine, "os_release": release},
        "packages": dict(sorted(packages.items(), key=lambda each: each[0].lower())),
    }


def settings_text(environment: Mapping[str, str]) -> str:
    """Every setting as ``gavel settings --json`` shows it, and the worker's variables that are set."""
    of_server = [asdict(each) for each in describe_settings(environment)]
    of_workers = {
        name: REPLACED if each.is_secret else environment[name]
        for name, each in WORKER_VARIABLES.items()
        if name in environment
    }
    return json.dumps({"settings": of_server, "worker_variables": of_workers}, indent=2, allow_nan=False)


def log_tails(folder: DataFolder) -> dict[str, str]:
    """The end of each log, by its name in the bundle. If there is no log, a text that says where it is."""
    found = {f"logs/{file.name}": _tail(file) for file in sorted(folder.logs.glob("*.log"))}
    return found or {NO_LOGS: _NO_LOGS.format(folder=folder.logs)}


def write_bundle(target: Path, files: Mapping[str, str], redactor: Redactor) -> None:
    """Write these texts, with the secrets replaced that are found, into a zip file that only this user may
    read."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in files.items():
            bundle.writestr(name, redactor.clean(text))


def _tail(file: Path) -> str:
    with file.open("rb") as log:
        size = log.seek(0, os.SEEK_END)
        log.seek(max(0, size - LOG_BYTES))
        lines = deque(log.read().decode(errors="replace").splitlines(keepends=True))
    if size > LOG_BYTES:
        lines.popleft()  # The first line may be cut within a secret.
    return "".join(lines)


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError as error:
        return f"not read: {error.strerror}"
