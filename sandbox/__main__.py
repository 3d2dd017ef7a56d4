"""``python -m sandbox``: the host check. ``--json`` for machines, ``--seccomp`` shows the call lists.

Exits 0 when some backend isolates here, else 1.
"""

from __future__ import annotations

import json
import sys

from sandbox.doctor import examine, seccomp_lists


def main(arguments: list[str]) -> int:
    """Print what was asked for."""
    if "--seccomp" in arguments:
        for need, calls in seccomp_lists().items():
            print(f"{need}: {len(calls)} calls\n    " + "\n    ".join(calls))
        return 0
    found = examine()
    print(json.dumps(found.facts(), indent=2) if "--json" in arguments else "\n".join(found.lines()))
    return 0 if found.isolates else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
