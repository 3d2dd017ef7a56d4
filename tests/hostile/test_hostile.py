"""No hostile program escapes, in every mode that this host has. Each mode runs under its own outer limit.

``make test`` runs each fourth program with all rights. ``make test-slow`` runs all programs with all rights,
and each fourth without rights. Both leave out the long programs. ``make test-hostile`` runs all programs in
every mode.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import sandbox
import sandbox.cgroups
from sandbox.launcher.build import launcher_path

ROOT = Path(sandbox.__file__).parent.parent
OTHER_USER = 64321
OUTER_LIMITS = {"pids/pids.max": "400", "memory/memory.limit_in_bytes": str(3 << 30)}
JOIN = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done; shift; exec "$@"'

MODES = [
    pytest.param("launcher", "full", "own", 4, id="launcher-full-some"),
    pytest.param("launcher", "full", "own", 1, id="launcher-full", marks=pytest.mark.slow),
    pytest.param("launcher", "no-cgroup", "other", 4, id="launcher-unprivileged", marks=pytest.mark.slow),
]
OTHER_MODES = [
    pytest.param("bubblewrap", "full", "own", 1, id="bubblewrap-full"),
    pytest.param("launcher", "no-cgroup", "own", 1, id="launcher-no-cgroup"),
    pytest.param("bubblewrap", "no-cgroup", "own", 1, id="bubblewrap-no-cgroup"),
]
RUNS_ALL = os.environ.get("GAVEL_HOSTILE") == "all"
if RUNS_ALL:
    MODES = [*MODES[1:], *OTHER_MODES]
if os.environ.get("GAVEL_TEST_GVISOR"):  # `make test-gvisor` sets this, and provides runsc
    MODES = [pytest.param("gvisor", "full", "own", 4, id="gvisor-some")]


@pytest.fixture
def outer_cgroups() -> Iterator[list[Path]]:
    """Cgroups with limits for a whole run of the programs, so that a broken sandbox does not use up the
    machine. Each run has its own, because two may run side by side."""
    made = []
    name = f"gavel-hostile-{os.getpid()}"
    own = dict(line.split(":", 2)[1:] for line in Path("/proc/self/cgroup").read_text().splitlines())
    for setting, value in OUTER_LIMITS.items():
        controller, _, limit = setting.partition("/")
        folder = Path("/sys/fs/cgroup") / controller / own.get(controller, "/").lstrip("/") / name
        try:
            folder.mkdir(exist_ok=True)
            (folder / limit).write_text(value)
        except OSError:
            continue
        made.append(folder)
    yield made
    for folder in made:
        sandbox.cgroups.remove_cgroup(folder)


@pytest.fixture
def copy_for_others() -> Iterator[Path]:
    """A folder that every user can read, with copies of the two packages that the runner needs."""
    launcher_path()
    with tempfile.TemporaryDirectory(prefix="gavel-hostile-code-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for package in ("sandbox", "tests/hostile"):
            shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "tests" / "__init__.py").touch()
        yield folder


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("backend", "mode", "user", "every"), MODES)
def test_no_hostile_program_escapes(
    backend: str, mode: str, user: str, every: int, outer_cgroups: list[Path], copy_for_others: Path
) -> None:
    if os.geteuid() != 0 and (mode == "full" or user == "other"):
        pytest.skip("needs root to make cgroups or to change users")
    runner = ["-m", "tests.hostile.runner", backend, mode, *([] if RUNS_ALL else [str(every)])]
    command = [sys.executable, *runner]
    if user == "other":
        change_user = [f"--reuid={OTHER_USER}", f"--regid={OTHER_USER}", "--clear-groups", "--"]
        command = ["setpriv", *change_user, "/usr/bin/python3", *runner]
    command = ["/bin/sh", "-c", JOIN, "sh", *(str(path) for path in outer_cgroups), "--", *command]
    environment = {
        "PATH": f"{os.environ.get('GAVEL_TEST_GVISOR', '')}:/usr/bin:/bin".lstrip(":"),
        "PYTHONPATH": ":".join(filter(None, (str(copy_for_others), os.environ.get("PYTHONPATH")))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        command, cwd="/", env=environment, capture_output=True, text=True, timeout=560, check=False
    )
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr[-2000:]
    assert results[0] == {"mode": mode}
    escaped = {line["case"]: line["complaints"] for line in results[1:] if line["complaints"]}
    assert len(results) > (120 if RUNS_ALL else 240 // every - 20)
    assert escaped == {}
