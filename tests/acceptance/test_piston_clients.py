"""Clients of Piston from PyPI and npm work unchanged against the whole stack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from simple_websocket import Client, ConnectionClosed

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
    """The answer that piston-client got. This client sends no key."""
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


GREETINGS = {
    "python": "name = input('name? ')\nprint('hello', name)\n",
    "c++": """#include <iostream>
int main() {
    std::string name;
    std::cout << "name? ";
    std::cin >> name;
    std::cout << "hello " << name << "\\n";
}
""",
}


class Talk:
    """One connection to ``/connect``."""

    def __init__(self, stack: RunningStack, language: str, source: str) -> None:
        url, key = stack.credentials.url.replace("http", "ws", 1), stack.credentials.accounts["premium"].key
        self._socket = Client.connect(f"{url}/api/v2/connect", headers={"Authorization": key})
        files = [{"name": "main", "content": source}]
        self.send(type="init", language=language, version="*", files=files, run_timeout=20_000)
        self.said: list[dict[str, Any]] = []

    def send(self, **message: Any) -> None:
        self._socket.send(json.dumps(message))

    def text(self) -> str:
        return "".join(each["data"] for each in self.said if each["type"] == "data")

    def until(self, words: str) -> None:
        """Read until the program has written these words."""
        while words not in self.text():
            self.next()

    def next(self) -> None:
        text = self._socket.receive(timeout=60)
        assert text is not None, self.said
        self.said.append(json.loads(text))

    def end(self) -> int:
        """Read until the server closes the connection. Returns the close code."""
        try:
            while True:
                self.next()
        except ConnectionClosed as closed:
            return int(closed.reason)


@pytest.mark.parametrize("language", GREETINGS)
def test_a_person_sends_input_to_a_running_program_and_reads_its_output(
    stack: RunningStack, language: str
) -> None:
    talk = Talk(stack, language, GREETINGS[language])
    talk.until("name? ")
    talk.send(type="data", stream="stdin", data="ada\n")
    assert talk.end() == 4999
    assert talk.text() == "name? hello ada\n"
    stages = [(each["type"], each["stage"]) for each in talk.said if each["type"] in ("stage", "exit")]
    compiled = [("stage", "compile"), ("exit", "compile")] if language == "c++" else []
    assert stages == [*compiled, ("stage", "run"), ("exit", "run")]
    assert (talk.said[-1]["code"], talk.said[-1]["signal"]) == (0, None)


def test_a_person_ends_a_running_program_by_a_signal(stack: RunningStack) -> None:
    talk = Talk(stack, "python", "print('ready', flush=True)\nwhile True: pass")
    talk.until("ready")
    talk.send(type="signal", signal="SIGINT")
    assert talk.end() == 4999
    assert talk.said[-1] == {"type": "exit", "stage": "run", "code": None, "signal": "SIGINT"}
