"""Runs another Python module instead of this process."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import click


def is_installed(module: str) -> bool:
    """Return whether ``python -m MODULE`` can start here. Imports nothing.

    The image of the main server has no workers, and only the types of the sandbox.
    """
    package, *parts = module.split(".")
    spec = find_spec(package)
    folders = [] if spec is None else spec.submodule_search_locations or []
    paths = [Path(folder, *parts) for folder in folders]
    return any((path / "__main__.py").is_file() or path.with_suffix(".py").is_file() for path in paths)


def exec_module(module: str, arguments: tuple[str, ...]) -> NoReturn:
    """Replace this process by ``python -m MODULE``. The main server never imports worker or sandbox code."""
    if not is_installed(module):
        raise click.ClickException(
            "this command runs programs, but here are no workers (the image of the main server has none). "
            "Use it on a host where the wheel or a checkout of Gavel is installed."
        )
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-P", "-m", module, *arguments])
