"""`.ci/stage` runs a failed test again. It must not let a run pass in which tests were left out."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNSTABLE = """
from pathlib import Path
import pytest

@pytest.mark.xdist_group("group")
def test_unstable():
    mark = Path(__file__).with_suffix(".mark")
    is_second, _ = mark.exists(), mark.touch()
    assert is_second
"""
FAILS = "def test_fails(): assert 0\n"
PASSES = "def test_passes(): pass\n"
SKIPPED_LATER = f"{UNSTABLE}    pytest.skip('later')\n"
UNREADABLE = "import there_is_no_such_module\n"
KILLED = "import os\ndef test_is_killed(): os.kill(os.getpid(), 9)\n"
BREAKS_OFF = "import pytest\ndef test_breaks_off(): pytest.exit('enough')\n"


def stage(folder: Path, processes: int, **files: str) -> subprocess.CompletedProcess[str]:
    """Run `.ci/stage test` in a checkout that has these files of tests."""
    for name in (".ci", ".venv/bin", "tests"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "stage", folder / ".ci")
    python = folder / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    (folder / "Makefile").write_text(
        f"test:\n\t.venv/bin/python -m pytest -n {processes} --dist loadgroup tests\n"
    )
    shutil.copy(ROOT / "tests" / "support" / "ci_events.py", folder / "tests" / "conftest.py")
    for name, text in files.items():
        (folder / "tests" / f"test_{name}.py").write_text(text)
    kept = {
        name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "GAVEL_", "MAKE"))
    }
    kept |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-p xdist.plugin -p no:cacheprovider"}
    return subprocess.run(
        [folder / ".ci" / "stage", "test"], env=kept, capture_output=True, text=True, timeout=100
    )


def test_a_failed_test_that_then_passes_alone_is_listed_and_the_stage_passes(tmp_path: Path) -> None:
    done = stage(tmp_path, 1, a=UNSTABLE, b=PASSES)
    assert done.returncode == 0, done.stdout + done.stderr
    named = "UNSTABLE (failed, then passed alone): tests/test_a.py::test_unstable\n"
    assert done.stdout.endswith(named)
    assert (tmp_path / ".venv" / ".unstable").read_text() == named


@pytest.mark.parametrize(
    ("processes", "files"),
    [
        (0, {"a": FAILS}),
        (1, {"a": UNSTABLE, "b": UNREADABLE}),
        (0, {"a": UNSTABLE, "b": KILLED, "c": FAILS}),
        (0, {"a": UNSTABLE, "b": BREAKS_OFF, "c": FAILS}),
        (0, {"a": SKIPPED_LATER}),
    ],
    ids=[
        "fails twice",
        "a file cannot be read",
        "pytest is killed",
        "pytest is interrupted",
        "is skipped later",
    ],
)
def test_the_stage_fails_if_a_test_fails_twice_or_was_not_run(
    tmp_path: Path, processes: int, files: dict[str, str]
) -> None:
    done = stage(tmp_path, processes, **files)
    assert done.returncode != 0, done.stdout
    assert "UNSTABLE" not in done.stdout
