"""Makes the users of deploy/redis/users.acl as Redis' container does, and reads the table of what a thief may
do."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

_ROOT = Path(__file__).parents[2]
RENDER = _ROOT / "deploy" / "redis" / "render-users"
_TABLE = _ROOT / "docs" / "explanation" / "threat-model.md"
_LINE = re.compile(r"\| `([^`]+)` \| (allowed|refused) \|")


def thiefs_table() -> list[tuple[str, str]]:
    """The commands in the thief's table of the threat model, and whether Redis allows each."""
    return [(found[1], found[2]) for found in map(_LINE.match, _TABLE.read_text().splitlines()) if found]


def render_users(password: str, workers: Mapping[str, str], shared: bool = False) -> str:
    """The ACL file with the same password for all users. ``workers`` are names with their tiers. With
    ``shared`` there is also the user that workers of release 0.2.0 share."""
    environment = {
        "PATH": os.environ["PATH"],  # the redis-server on the PATH decides which commands exist
        "GAVEL_REDIS_SERVER_PASSWORD": password,
        "GAVEL_REDIS_WORKERS": " ".join(f"{name}:{tier}:{password}" for name, tier in workers.items()),
        "GAVEL_REDIS_WORKER_PASSWORD": password if shared else "",
    }
    found = subprocess.run([RENDER], env=environment, capture_output=True, text=True, timeout=20, check=False)
    if found.returncode:
        raise ValueError(found.stderr)
    return found.stdout
