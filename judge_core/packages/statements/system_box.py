"""The beginning of a bubblewrap command, for trusted programs of the host that read untrusted input.

The box has no network and no capability. Of the host's files, it has only the trees that the caller names and
the top folders of programs and libraries, read-only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_ROOTS = ("bin", "sbin", "lib", "lib32", "lib64")
"""Links into /usr on most hosts, folders on others."""


def system_box(bwrap: str, hostname: str, trees: Sequence[str]) -> list[str]:
    """The beginning of the command. The caller adds its own files, and ends the options with ``--``. A tree
    that does not exist is left out."""
    made = [bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    made += ["--uid", "65534", "--gid", "65534", "--hostname", hostname]
    for tree in trees:
        made += ["--ro-bind-try", tree, tree]
    for root in (Path("/", name) for name in _ROOTS):
        if root.is_symlink():
            made += ["--symlink", str(root.readlink()), str(root)]
        else:
            made += ["--ro-bind-try", str(root), str(root)]
    return made
