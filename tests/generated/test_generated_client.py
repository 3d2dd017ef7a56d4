"""Clients that generators make from /openapi.json compile, and submit to a running Gavel.

openapi-generator comes from PyPI, including its jar. It needs a Java runtime.
"""

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
TSC = HERE.parents[1] / "frontend" / "node_modules" / ".bin" / "tsc"
DONE = {"verdict": "AC", "is_newest": True}
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
    assert json.loads(said) == DONE


@pytest.fixture(scope="module")
def openapi_generator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has openapi-generator."""
    folder = tmp_path_factory.mktemp("openapi-generator") / "venv"
    _run(sys.executable, "-m", "venv", folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    install = ("-m", "pip", "install", "-q", "-r", HERE / "openapi-generator.txt")
    _run(python, *install, cwd=folder.parent)
    return python


def _generate(python: Path, stack: RunningStack, folder: Path, language: str, *more: str) -> Path:
    """Let openapi-generator check the document and make a client from it."""
    text = requests.get(f"{stack.credentials.url}/openapi.json", timeout=30).text
    (folder / "openapi.json").write_text(text)
    command = python.parent / "openapi-generator-cli"
    out = folder / "client"
    _run(command, "generate", "-i", "openapi.json", "-g", language, "-o", out, *more, cwd=folder)
    return out


@pytest.mark.timeout(600)
def test_the_python_client_of_openapi_generator_compiles_and_submits(
    openapi_generator: Path, stack: RunningStack, tmp_path: Path
) -> None:
    python = openapi_generator
    client = _generate(python, stack, tmp_path, "python", "--package-name", "gavel_api")
    _run(python, "-m", "compileall", "-q", client / "gavel_api", cwd=tmp_path)
    _run(python, "-m", "pip", "install", "-q", client, cwd=tmp_path)
    url, key = stack.credentials.url, stack.credentials.accounts["premium"].key
    assert json.loads(_run(python, HERE / "openapi_generator_round_trip.py", url, key, cwd=tmp_path)) == DONE


@pytest.mark.timeout(600)
def test_the_typescript_client_of_openapi_generator_compiles_and_submits(
    openapi_generator: Path, stack: RunningStack, tmp_path: Path
) -> None:
    _generate(openapi_generator, stack, tmp_path, "typescript-fetch")
    (tmp_path / "round_trip.ts").write_text((HERE / "round_trip.ts").read_text())
    options = ("--strict", "--target", "es2022", "--module", "commonjs", "--lib", "es2022,dom,dom.iterable")
    _run(TSC, *options, "--skipLibCheck", "--outDir", "out", "round_trip.ts", cwd=tmp_path)
    url, key = stack.credentials.url, stack.credentials.accounts["premium"].key
    assert json.loads(_run("node", "out/round_trip.js", url, key, cwd=tmp_path)) == DONE
