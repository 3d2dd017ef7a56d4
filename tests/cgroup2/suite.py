"""Inside the machine: every hostile program on cgroup v2."""

from __future__ import annotations

import json
import subprocess
import sys
import time

ARENA = ("launcher", "full")


def main() -> int:
    """1 when a program was not held, else 0. Without cgroups they are fought on the host, by ``make test``:
    limits of time alone say little where a processor is emulated."""
    began = time.monotonic()
    command = ["/usr/bin/python3", "-m", "tests.hostile.arena", *ARENA]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    lost = {line["case"]: line["complaints"] for line in told[1:] if line["complaints"]}
    mode = told[0]["mode"] if told else done.stderr[-500:]
    took = time.monotonic() - began
    print(f"{' '.join(ARENA)}: {len(told) - 1} programs, mode {mode}, {took:.0f} s, lost: {lost}")
    return int(done.returncode != 0 or mode != ARENA[1] or bool(lost))


if __name__ == "__main__":
    sys.exit(main())
