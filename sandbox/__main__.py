"""Checks the host: ``python -m sandbox``, which ``gavel doctor`` calls. Exits with 0 if a backend can
isolate.

If ``gavel up`` was killed, its next start calls this with ``--remove-abandoned``, which removes cgroups that
the killed one has left.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from sandbox.abandoned_cgroups import remove_abandoned_cgroups
from sandbox.doctor import check_host, seccomp_profiles
from sandbox.launcher.seccomp_compiler import profile_names

_ALL = "every"


def main(arguments: list[str]) -> int:
    """Print the host check or the requested profiles, or remove abandoned cgroups. Returns the exit
    status."""
    options = _parse(arguments)
    if options.remove_abandoned:
        print("\n".join(remove_abandoned_cgroups()))
        return 0
    if options.seccomp is not None:
        profiles = seccomp_profiles()
        shown = profiles if options.seccomp == _ALL else {options.seccomp: profiles[options.seccomp]}
        _print_profiles(shown, options.json)
        return 0
    disks = {name: Path(folder) for name, _, folder in (each.partition("=") for each in options.disk)}
    report = check_host(disks)
    print(json.dumps(report.to_json(), indent=2) if options.json else "\n".join(report.to_lines()))
    return 0 if report.isolates else 1


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="gavel doctor",
        description="Test every limit of the sandbox on this host, and print what enforces it.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--seccomp",
        nargs="?",
        const=_ALL,
        choices=(_ALL, *profile_names()),
        metavar="PROFILE",
        help="print the system calls that this profile allows, or without PROFILE those of all profiles: "
        f"{', '.join(profile_names())}",
    )
    parser.add_argument(
        "--disk", action="append", default=[], metavar="NAME=FOLDER", help="show this folder's free space too"
    )
    parser.add_argument(
        "--remove-abandoned", action="store_true", help="remove the cgroups that killed workers left, and end"
    )
    return parser.parse_args(arguments)


def _print_profiles(profiles: Mapping[str, tuple[str, ...]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(profiles, indent=2))
        return
    for profile, calls in profiles.items():
        print(f"{profile}: {len(calls)} calls\n    " + "\n    ".join(calls))


if __name__ == "__main__":
    try:
        status = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # The reader, such as `head`, has ended.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status)
