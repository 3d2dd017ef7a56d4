"""``python -m sandbox``, called by ``gavel doctor``: the host check. Exits 0 when a backend isolates."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping

from sandbox.doctor import examine, seccomp_lists
from sandbox.launcher.seccomp_compiler import profile_names

_EVERY = "every"


def main(arguments: list[str]) -> int:
    """Print what was asked for."""
    asked = _read(arguments)
    if asked.seccomp is not None:
        lists = seccomp_lists()
        _show_lists(lists if asked.seccomp == _EVERY else {asked.seccomp: lists[asked.seccomp]}, asked.json)
        return 0
    found = examine()
    print(json.dumps(found.facts(), indent=2) if asked.json else "\n".join(found.lines()))
    return 0 if found.isolates else 1


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="gavel doctor",
        description="Try every limit and wall of the sandbox here, and say what holds it.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--seccomp",
        nargs="?",
        const=_EVERY,
        choices=(_EVERY, *profile_names()),
        metavar="NEED",
        help=f"show the system calls that this need allows, or every one: {', '.join(profile_names())}",
    )
    return parser.parse_args(arguments)


def _show_lists(lists: Mapping[str, tuple[str, ...]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(lists, indent=2))
        return
    for need, calls in lists.items():
        print(f"{need}: {len(calls)} calls\n    " + "\n    ".join(calls))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
