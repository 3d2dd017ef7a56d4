"""Runs every hostile program on cgroup v2, inside the machine."""

from __future__ import annotations

import json
import subprocess
import sys
import time

HOSTILE_MODE = ("launcher", "full")


def main() -> int:
    """Returns 1 if a program escaped or did not end as expected, else 0. Only the mode with cgroups is tested
    here. ``make test-slow`` runs programs without cgroups on the host, because time limits show little on an
    emulated processor."""
    began = time.monotonic()
    command = ["/usr/bin/python3", "-m", "tests.hostile.runner", *HOSTILE_MODE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    escaped = {line["case"]: line["complaints"] for line in results[1:] if line["complaints"]}
    mode = results[0]["mode"] if results else done.stderr[-500:]
    took = time.monotonic() - began
    print(f"{' '.join(HOSTILE_MODE)}: {len(results) - 1} programs, mode {mode}, {took:.0f} s, {escaped=}")
    return int(done.returncode != 0 or mode != HOSTILE_MODE[1] or bool(escaped))


if __name__ == "__main__":
    sys.exit(main())
