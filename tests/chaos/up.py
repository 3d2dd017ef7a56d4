"""`gavel up` whose processes are preloaded with the shims of a chaos run.

``python -m tests.chaos.up up --data DIR …``: the supervisor passes on only the variables that it names, so
this entry point adds the shims' to them.
"""

from __future__ import annotations

from judge_api.__main__ import main
from judge_api.supervisor import process_specs

SHIM_NAMES = ("LD_PRELOAD", "GAVEL_CHAOS_CLOCK", "GAVEL_CHAOS_WRITES", "GAVEL_CHAOS_DATA")

if __name__ == "__main__":
    process_specs.SYSTEM_NAMES += SHIM_NAMES
    main(prog_name="gavel")
