"""``python -m tests.unprivileged`` runs the tests of the sandbox as an ordinary user, who may not change
cgroups.

These are a part of ``tests/contract``, and the hostile programs on both backends. Tests that need cgroups are
skipped, and listed at the end. If root starts it, it changes to a user id that nothing else uses. Any other
user is kept.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from sandbox.launcher.build import launcher_path
from tests.cgroup2.__main__ import lay_code

PYTHON = "/usr/bin/python3"
USER = 64322
SUITE = (
    "tests/contract/test_sandbox_contract.py",
    "tests/contract/test_sandbox_pairs.py",
    "tests/contract/test_sandbox_files.py",
    "tests/contract/test_sandbox_cores.py",
    "tests/contract/test_sandbox_death.py",
    "tests/hostile",
)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.unprivileged", description=__doc__)
    parser.epilog = "Other arguments go to pytest, such as -k pairs."
    more = parser.parse_known_args(arguments)[1]
    launcher_path()
    with tempfile.TemporaryDirectory(prefix="gavel-unprivileged-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        lay_code(folder, "")
        (folder / "home").mkdir()
        become = []
        if os.geteuid() == 0:
            os.chown(folder / "home", USER, USER)
            become = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder / "home"),
            "PYTHONPATH": f"{folder}:{folder / 'site'}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "GAVEL_HOSTILE": "all",
        }
        options = ["-q", "-rs", "-p", "no:cacheprovider", "-o", "addopts=", *more]
        command = [*become, PYTHON, "-m", "pytest", *options, *SUITE]
        return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
