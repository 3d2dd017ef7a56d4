"""Clients of Piston from PyPI and npm, unchanged, against the whole stack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.app_fixture import RunningStack
from tests.acceptance.published_clients import (
    CLIENTS,
    answer_of,
    install_node_clients,
)

pytestmark = pytest.mark.clients
PYTHON_CLIENTS = ("pistonapi", "piston-rspy", "aiopyston", "ultra-piston")
SUM = "print(sum(map(int, input().split())))"


def ask(python: Path, client: str, stack: RunningStack, program: tuple[str, str, str]) -> Any:
    """The answer that a Python client got for language, version and source, with the input ``20 22``."""
    url, key = f"{stack.credentials.url}/api/v2", stack.credentials.accounts["premium"].key
    driver = str(CLIENTS / "piston_clients.py")
    return answer_of([str(python), driver, client, url, key, *program, "20 22\n"])


def ask_by_node(folder: Path, stack: RunningStack, language: str, source: str) -> Any:
    """The answer that piston-client got, which sends no key."""
    driver = str(CLIENTS / "piston_client.mjs")
    command = ["node", driver, stack.credentials.url, language, source, "20 22\n"]
    return answer_of(command, PISTON_CLIENT=str(folder))


@pytest.mark.parametrize("client", PYTHON_CLIENTS)
def test_a_client_from_pypi_runs_a_program(published_python: Path, client: str, stack: RunningStack) -> None:
    found = ask(published_python, client, stack, ("python", "3.10.0", SUM))
    assert found["output"] == "42\n"
    assert {"python", "c++", "bash"} <= set(found["languages"])


def test_a_client_from_pypi_sees_a_compile_error(published_python: Path, stack: RunningStack) -> None:
    found = ask(published_python, "ultra-piston", stack, ("c++", "10.2.0", "int main() { return x; }"))
    assert "‘x’ was not declared" in found["output"]
    assert found["code"] == 1


def test_a_client_from_npm_runs_a_program_without_a_key(tmp_path: Path, stack: RunningStack) -> None:
    found = ask_by_node(install_node_clients(tmp_path / "npm"), stack, "python", SUM)
    assert (found["output"], found["code"]) == ("42\n", 0)
