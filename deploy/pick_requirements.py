"""Prints the entries of a hashed lock file that an image needs. No dependency is resolved again.

usage: pick_requirements.py --only NAMES.txt LOCK   |   pick_requirements.py --without NAMES.txt LOCK
"""

from __future__ import annotations

import re
import sys
from pathlib import Path


def split_lock(text: str) -> dict[str, str]:
    """Each locked package's lines, hashes included, by its name."""
    entries: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        started = re.match(r"([A-Za-z0-9][\w.-]*)(\[[^\]]*\])?==", line)
        if started:
            name = started.group(1).lower().replace("_", "-")
        if name:
            entries[name] = entries.get(name, "") + line
    return entries


def read_names(path: Path) -> set[str]:
    return {line.split("#")[0].strip() for line in path.read_text().splitlines()} - {""}


def main(how: str, names_file: str, lock_file: str) -> None:
    entries, names = split_lock(Path(lock_file).read_text()), read_names(Path(names_file))
    if unlocked := names - entries.keys():
        raise SystemExit(f"{names_file} names what {lock_file} does not lock: {', '.join(sorted(unlocked))}")
    for name, lines in entries.items():
        if (name in names) == (how == "--only"):
            sys.stdout.write(lines)


if __name__ == "__main__":
    main(*sys.argv[1:])
