"""Inside the machine: every hostile program on cgroup v2, and without cgroups as another user."""

from __future__ import annotations

import json
import subprocess
import sys
import time

OTHER = ("setpriv", "--reuid=64321", "--regid=64321", "--clear-groups", "--")
FIGHTS = ((("launcher", "full"), ()), (("launcher", "no-cgroup"), OTHER))


def main() -> int:
    lost = 0
    for arena, become in FIGHTS:
        began = time.monotonic()
        command = [*become, "/usr/bin/python3", "-m", "tests.hostile.arena", *arena]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        told = [json.loads(line) for line in done.stdout.splitlines()]
        bad = {line["case"]: line["complaints"] for line in told[1:] if line["complaints"]}
        mode = told[0]["mode"] if told else done.stderr[-500:]
        right = done.returncode == 0 and mode == arena[1] and not bad
        print(f"{' '.join(arena)}: {len(told) - 1} programs, mode {mode}, {time.monotonic() - began:.0f} s, lost: {bad}")
        lost += not right
    return lost


if __name__ == "__main__":
    sys.exit(main())
