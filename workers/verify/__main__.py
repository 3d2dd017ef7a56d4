"""``python -m workers.verify PACKAGE...``: see :mod:`workers.verify.command`.

A first word ``--stress``, ``--watch`` or ``--visualize`` starts another program: see
:mod:`workers.verify.stress_command`, :mod:`workers.verify.watch` and :mod:`workers.verify.visualize_command`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from judge_core.languages import use_own_languages
from workers.settings import WorkerSettingsError, languages_dir, toolchain_paths
from workers.verify import command, stress_command, visualize_command, watch

_PROGRAMS: dict[str, Callable[[list[str], tuple[Path, ...]], int]] = {
    "--stress": stress_command.main,
    "--visualize": visualize_command.main,
    "--watch": watch.main,
}

if __name__ == "__main__":
    try:
        use_own_languages(languages_dir(os.environ))
        folders = toolchain_paths(os.environ)
    except WorkerSettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    words = sys.argv[1:]
    program = _PROGRAMS.get(words[0]) if words else None
    sys.exit(command.main(toolchains=folders) if program is None else program(words[1:], folders))
