"""``credentials.json``: the address, the three first accounts' keys, and who runs as which process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from judge_api.supervisor.data_folder import write_private


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """A name and a key in plain text: only for the accounts that `gavel up` itself makes."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the file says; ``accounts`` by role of use (normal, premium, admin), ``processes`` by name."""

    url: str
    accounts: Mapping[str, KnownAccount] = field(default_factory=dict)
    processes: Mapping[str, int] = field(default_factory=dict)
    supervisor: int | None = None

    def with_processes(self, processes: Mapping[str, int]) -> Credentials:
        return replace(self, processes=dict(processes))

    def write(self, path: Path) -> None:
        body = {
            "url": self.url,
            "accounts": {use: {"name": a.name, "key": a.key} for use, a in self.accounts.items()},
            "processes": dict(self.processes),
            "supervisor": self.supervisor,
        }
        write_private(path, json.dumps(body, indent=2) + "\n")


def read_credentials(path: Path) -> Credentials | None:
    """The file's content, or ``None`` when there is none (or none that can be read as such)."""
    try:
        body = json.loads(path.read_text())
        return Credentials(
            url=body["url"],
            accounts={use: KnownAccount(a["name"], a["key"]) for use, a in body["accounts"].items()},
            processes=dict(body["processes"]),
            supervisor=body.get("supervisor"),
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None
