"""``python -m workers.verify PACKAGE...``: see :mod:`workers.verify.command`."""

from __future__ import annotations

import os
import sys

from judge_core.languages import use_own_languages
from workers.settings import WorkerSettingsError, languages_dir, toolchain_paths
from workers.verify.command import main

if __name__ == "__main__":
    try:
        use_own_languages(languages_dir(os.environ))
        folders = toolchain_paths(os.environ)
    except WorkerSettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(toolchains=folders))
