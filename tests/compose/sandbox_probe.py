"""Runs inside a worker container. It opens a slot, runs six programs in it, and prints their reports as
JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path

from sandbox.api import MIB, Command, Limits
from sandbox.factory import open_sandbox
from sandbox.slot import SlotConfig

PROGRAMS = {
    "hello": "print('hello')",
    "burner": "while True: pass",
    "hog": "x = bytearray(400 * 1024 * 1024)",
    "network": "import socket; socket.socket(socket.AF_INET)",
    "children": "import os\nwhile True: os.fork()",
    "host": "import os; print(os.path.exists('/opt/gavel'), os.path.exists('/var/cache/gavel'), os.getuid())",
}


def rights() -> dict[str, str]:
    lines = Path("/proc/self/status").read_text().splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines) if key in WANTED}


WANTED = ("Uid", "CapEff", "CapPrm", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")


def main() -> None:
    scratch = Path("/tmp/probe")
    scratch.mkdir(exist_ok=True)
    sandbox = open_sandbox(SlotConfig(index=0, shares=(scratch,), scratch=scratch))
    limits = Limits(cpu_seconds=0.5, wall_seconds=3, memory_bytes=128 * MIB)
    found: dict[str, object] = {"rights": rights(), "mode": sandbox.isolation.mode.value, "pid": os.getpid()}
    found["guarantees"] = {g.limit: f"{g.enforced_by} {g.note}".strip() for g in sandbox.isolation.guarantees}
    for name, source in PROGRAMS.items():
        facts = sandbox.run(Command(argv=("/usr/bin/python3", "-c", source), limits=limits))
        found[name] = {
            "ending": facts.ending.value,
            "exit_code": facts.exit_code,
            "cpu_ms": round(facts.cpu_ms),
            "memory_kb": facts.memory_kb,
            "overhead_ms": round(facts.overhead_ms, 2),
            "stdout": facts.stdout.decode(errors="replace")[:200],
            "stderr": facts.stderr.decode(errors="replace")[-200:],
        }
    sandbox.close()
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
