"""The secrets that all processes of the main server share, by settings or in files of the data folder."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from pathlib import Path

from judge_api.settings import Settings

_SECRET_CHARACTERS = 32


def with_secrets(settings: Settings) -> Settings:
    """The settings with every secret set: a missing one is made once and stored in the data folder (0600)."""
    return replace(
        settings,
        secret_key=settings.secret_key or stored_secret(settings.data / "secret_key"),
        worker_token=settings.worker_token or stored_secret(settings.data / "worker_token"),
    )


def stored_secret(path: Path) -> str:
    """The secret in this file, made if it is missing. Processes that start together get the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and len(path.read_text(errors="replace").strip("\0\n ")) < _SECRET_CHARACTERS:
        path.unlink(missing_ok=True)  # After a power cut the file can be empty or full of zeros.
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(32))
        file.flush()
        os.fsync(descriptor)
    try:
        path.hardlink_to(new)
    except FileExistsError:
        pass  # Another process was first, so its secret is used.
    finally:
        new.unlink()
    return path.read_text().strip()
