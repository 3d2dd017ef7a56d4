"""The server and key that `gavel login` has saved, in the user's configuration folder (0600)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

from judge_api.supervisor.data_folder import write_private


@dataclass(frozen=True, slots=True)
class Login:
    """URL of a server and an API key."""

    url: str
    key: str


def login_file() -> Path:
    return Path(platformdirs.user_config_dir("gavel")) / "login.json"


def read_login() -> Login | None:
    """The saved login. ``None`` if there is none, or if it cannot be read: after ``sudo -u`` it belongs to
    another user."""
    try:
        found = Login(**json.loads(login_file().read_text()))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return found if isinstance(found.url, str) and isinstance(found.key, str) else None


def write_login(login: Login) -> None:
    path = login_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, json.dumps(asdict(login)) + "\n")
