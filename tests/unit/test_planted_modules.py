"""Gavel never imports a module that another user has put into the folder where Gavel is started."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import judge_api
from judge_api.supervisor.process_specs import PYTHON

ROOT = Path(judge_api.__file__).parents[1]
PACKAGES = ("judge_api", "judge_core", "workers", "sandbox")
STARTS_PYTHON = re.compile(r"sys\.executable, (\"[^\"]*\")")
MODULES = {
    "the API": ("-m", "judge_api.gunicorn_server", "--version"),
    "the dispatcher": ("-c", "import judge_api.dispatcher"),
    "a worker": ("-m", "workers", "--help"),
    "the sandbox": ("-m", "sandbox", "--help"),
    "the command": ("-m", "judge_api", "--help"),
}


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder that every user may write to, with modules that leave a trace when they are imported."""
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o777)
    trace = f"open({str(tmp_path / 'imported')!r}, 'a').write(__name__)\n"
    for name in ("json", "gevent", "flask", "redis", "judge_api", "workers", "sandbox", "gunicorn"):
        (folder / f"{name}.py").write_text(trace)
    return folder


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES.keys())
def test_a_module_in_the_current_folder_is_not_imported(shared: Path, module: tuple[str, ...]) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(shared), "GAVEL_DATA": str(shared / "none")}
    subprocess.run([*PYTHON, *module], cwd=shared, env=environment, capture_output=True, timeout=60)
    assert not (shared.parent / "imported").exists()


def test_the_api_server_imports_no_module_from_the_current_folder(shared: Path) -> None:
    code = (
        "import sys; from judge_api.gunicorn_server import Server; sys.argv = ['x', 'a:b'];"
        "Server('x'); import json; print(sys.path[0])"
    )
    shown = subprocess.run([*PYTHON, "-c", code], cwd=shared, capture_output=True, text=True, timeout=60)
    assert shown.returncode == 0, shown.stderr
    assert str(shared) not in shown.stdout
    assert not (shared.parent / "imported").exists()


def test_gavel_starts_every_python_process_without_the_current_folder_in_its_path() -> None:
    assert (sys.executable, "-P") == PYTHON
    found = {
        f"{path.relative_to(ROOT)}: {option}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for option in STARTS_PYTHON.findall(path.read_text())
        if option not in ('"-P"', '"-I"')
    }
    assert found == set()
