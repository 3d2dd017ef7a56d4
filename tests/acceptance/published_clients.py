"""Installs published clients from their registries into temporary folders."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

CLIENTS = Path(__file__).parents[1] / "clients"
_SECONDS = 110


def install_python_clients(folder: Path) -> Path:
    """The Python of a virtual environment with the clients of ``tests/clients/requirements.txt``."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=_SECONDS)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--quiet", "--disable-pip-version-check"]
    install = [*pip, "install", "--no-compile"]
    subprocess.run([*install, "-r", str(CLIENTS / "requirements.txt")], check=True, timeout=_SECONDS)
    return python


def install_node_clients(folder: Path) -> Path:
    """The folder whose ``node_modules`` has the clients of ``tests/clients/package.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text((CLIENTS / "package.json").read_text())
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_SECONDS)
    return folder


def answer_of(command: list[str], **environment: str) -> Any:
    """The JSON that a client's driver prints last."""
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=_SECONDS
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])
