"""Every hostile program, in every mode of this host, each arena under an outer limit of its own.

Two modes by default; the rest by ``make test-hostile``.
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
OUTER = {"pids/pids.max": "400", "memory/memory.limit_in_bytes": str(3 << 30)}
JOIN = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done; shift; exec "$@"'

MODES = [
    pytest.param("launcher", "full", "own", id="launcher-full"),
    pytest.param("launcher", "no-cgroup", "other", id="launcher-unprivileged"),
]
THE_REST = [
    pytest.param("bubblewrap", "full", "own", id="bubblewrap-full"),
    pytest.param("launcher", "no-cgroup", "own", id="launcher-no-cgroup"),
    pytest.param("bubblewrap", "no-cgroup", "own", id="bubblewrap-no-cgroup"),
]
if os.environ.get("GAVEL_HOSTILE") == "all":
    MODES += THE_REST


@pytest.fixture
def outer_groups() -> Iterator[list[Path]]:
    """A fence around the whole arena: a broken sandbox must not take the machine down.

    One fence an arena: two of them may run side by side, and whoever ends first takes its own down.
    """
    made = []
    name = f"gavel-arena-{os.getpid()}"
    own = dict(line.split(":", 2)[1:] for line in Path("/proc/self/cgroup").read_text().splitlines())
    for setting, value in OUTER.items():
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
    """The two packages where every user can read them."""
    launcher_path()
    with tempfile.TemporaryDirectory(prefix="gavel-arena-code-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for package in ("sandbox", "tests/hostile"):
            shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "tests" / "__init__.py").touch()
        yield folder


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("backend", "mode", "user"), MODES)
def test_no_program_gets_its_way(
    backend: str, mode: str, user: str, outer_groups: list[Path], copy_for_others: Path
) -> None:
    if os.geteuid() != 0 and (mode == "full" or user == "other"):
        pytest.skip("needs root to make cgroups or to change users")
    arena = ["-m", "tests.hostile.arena", backend, mode]
    command = [sys.executable, *arena]
    if user == "other":
        become = [f"--reuid={OTHER_USER}", f"--regid={OTHER_USER}", "--clear-groups", "--"]
        command = ["setpriv", *become, "/usr/bin/python3", *arena]
    command = ["/bin/sh", "-c", JOIN, "sh", *(str(path) for path in outer_groups), "--", *command]
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": ":".join(filter(None, (str(copy_for_others), os.environ.get("PYTHONPATH")))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        command, cwd="/", env=environment, capture_output=True, text=True, timeout=560, check=False
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr[-2000:]
    assert told[0] == {"mode": mode}
    lost = {line["case"]: line["complaints"] for line in told[1:] if line["complaints"]}
    assert len(told) > 120
    assert lost == {}
