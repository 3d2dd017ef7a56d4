"""A client that openapi-python-client makes of /openapi.json compiles, and submits to a running Gavel."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.acceptance.app_fixture import RunningStack, clean_environment

HERE = Path(__file__).parent
pytestmark = pytest.mark.generated
_SECONDS = 300


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    running = RunningStack(tmp_path_factory.mktemp("generated") / "data", clean_environment())
    running.start()
    yield running
    running.stop()


def _run(*command: str | Path, cwd: Path) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(600)
def test_a_generated_client_compiles_and_submits(stack: RunningStack, tmp_path: Path) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    _run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    _run(python, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt", cwd=tmp_path)
    url = stack.credentials.url
    (tmp_path / "openapi.json").write_text(requests.get(f"{url}/openapi.json", timeout=30).text)
    (tmp_path / "config.yml").write_text(
        "project_name_override: gavel-generated\npackage_name_override: gavel_generated\npost_hooks: []\n"
    )
    generator = tmp_path / "venv" / "bin" / "openapi-python-client"
    printed = _run(generator, "generate", "--path", "openapi.json", "--config", "config.yml", cwd=tmp_path)
    left_out = [line for line in printed.splitlines() if "annot parse" in line or "Unable" in line]
    assert all("application/zip" in line for line in left_out), printed
    _run(python, "-m", "compileall", "-q", "gavel-generated", cwd=tmp_path)
    _run(python, "-m", "pip", "install", "-q", tmp_path / "gavel-generated", cwd=tmp_path)
    key = stack.credentials.accounts["premium"].key
    said = _run(python, HERE / "round_trip.py", url, key, cwd=tmp_path)
    assert json.loads(said) == {"verdict": "AC", "is_newest": True}
