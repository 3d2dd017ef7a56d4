"""Lets bwrap, which runs as the slot's user, find the host's paths below folders closed to that user.

If the worker runs as root, its folders may be 0700, such as the data folder of ``gavel up``. The launcher
opens them before it changes user. bwrap looks up every path after the change. So each run starts in its own
mount namespace, in which these paths are bound below a folder that every user can reach. Only bwrap sees this
folder, never the program.
"""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.errors import CannotIsolate

_PLACES = (Path("/mnt"), Path("/media"), Path("/srv"))
"""Folders of every Linux host. One of them is covered in the run's own mount namespace."""
_UNSHARE = ("/usr/bin/unshare", "--mount", "--propagation", "private", "--")
_BIND = """
place="$1"; shift; number=0
/usr/bin/mount -t tmpfs -o mode=755,size=64k gavel "$place" || exit 125
while [ "$1" != -- ]; do
    if [ -d "$1" ]; then /usr/bin/mkdir "$place/$number"; else : > "$place/$number"; fi
    /usr/bin/mount --bind "$1" "$place/$number" || exit 125
    number=$((number + 1)); shift
done
shift; exec /usr/bin/env -i "$@"
"""


def _closed_folder(path: Path) -> Path | None:
    """The uppermost of the folders above a path that other users may not enter."""
    closed = [each for each in path.parents if not each.stat().st_mode & stat.S_IXOTH]
    return closed[-1] if closed else None


@dataclass(frozen=True, slots=True)
class ReachablePaths:
    """The host's paths as the slot's user reaches them. ``bound`` has the paths that this user cannot reach
    directly."""

    place: Path = _PLACES[0]
    bound: dict[Path, Path] = field(default_factory=dict)

    def of(self, path: Path) -> Path:
        """The path by which bwrap finds ``path``."""
        return self.bound.get(path.resolve(), path)

    def command(self) -> list[str]:
        """The arguments to put before a command, so that it finds these paths. Empty if nothing is bound."""
        if not self.bound:
            return []
        return [*_UNSHARE, "/bin/sh", "-c", _BIND, "sh", str(self.place), *map(str, self.bound), "--"]


def find_reachable_paths(paths: Iterable[Path]) -> ReachablePaths:
    """Find how the slot's user reaches these paths. Raises CannotIsolate if a path is closed to other users
    and this worker may not bind it elsewhere."""
    closed = {path.resolve(): folder for path in paths if (folder := _closed_folder(path.resolve()))}
    if not closed:
        return ReachablePaths()
    places = [each for each in _PLACES if each.is_dir() and not any(each in path.parents for path in closed)]
    if not places or subprocess.run([*_UNSHARE, "/bin/true"], capture_output=True, check=False).returncode:
        path, folder = next(iter(closed.items()))
        raise CannotIsolate(
            f"bubblewrap cannot reach {path}: {folder} is closed to other users, and this worker may not "
            f"bind it elsewhere. Open {folder} by chmod o+x, or give the worker CAP_SYS_ADMIN"
        )
    return ReachablePaths(places[0], {path: places[0] / str(n) for n, path in enumerate(closed)})
