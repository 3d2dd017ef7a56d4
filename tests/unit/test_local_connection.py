"""Commands send the keys of a data folder only to its `gavel up`, or to the server of its `gavel setup`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from judge_api.__main__ import main as gavel
from judge_api.supervisor.data_folder import AccountKey, Credentials, DataFolder


@pytest.fixture
def received() -> Iterator[tuple[str, list[str | None]]]:
    """The address of a server, and the API keys that it has received."""
    keys: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys.append(self.headers["Authorization"])
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", keys
    server.shutdown()
    server.server_close()
    thread.join()


def test_commands_send_no_key_to_the_port_of_a_gavel_that_has_ended(
    received: tuple[str, list[str | None]], tmp_path: Path
) -> None:
    url, keys = received
    folder = DataFolder(tmp_path)
    accounts = {"admin": AccountKey("admin", "the-key"), "normal": AccountKey("normal", "the-key")}
    Credentials(url, accounts, supervisor=1).write(folder.credentials)
    command = ["queue", "--data", str(tmp_path)]
    ended = CliRunner().invoke(gavel, command)
    assert (ended.exit_code, keys) == (3, [])
    assert f"no Gavel is running on the data folder {tmp_path}" in ended.output
    with folder.lock():
        CliRunner().invoke(gavel, command)
    assert keys[0] == "Bearer the-key"


def test_commands_send_the_keys_of_setup_to_the_server_of_an_installation_on_several_machines(
    received: tuple[str, list[str | None]], tmp_path: Path
) -> None:
    url, keys = received
    accounts = {"admin": AccountKey("admin", "the-key")}
    Credentials(url, accounts).write(DataFolder(tmp_path).credentials)
    CliRunner().invoke(gavel, ["queue", "--data", str(tmp_path)])
    assert keys[0] == "Bearer the-key"
