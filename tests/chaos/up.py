"""Runs `gavel up` with processes that are preloaded with the shims of a chaos run.

The command is ``python -m tests.chaos.up up --data DIR …``. The supervisor passes on only the variables that
it names, so this module adds the variables of the shims to these.
"""

from __future__ import annotations

from judge_api.__main__ import main
from judge_api.supervisor import process_specs

SHIM_NAMES = ("LD_PRELOAD", "GAVEL_CHAOS_CLOCK", "GAVEL_CHAOS_WRITES", "GAVEL_CHAOS_DATA")

if __name__ == "__main__":
    process_specs.SYSTEM_NAMES += SHIM_NAMES
    main(prog_name="gavel")
