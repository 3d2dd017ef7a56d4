"""`gavel doctor` on a main server names each thing that is wrong, with its fix."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from judge_api.cli import doctor
from judge_api.settings import Settings
from judge_api.store.engine import open_engine
from judge_api.supervisor import installation_check
from judge_api.supervisor.data_folder import Credentials, DataFolder
from judge_api.supervisor.installation_check import (
    Finding,
    InstallationCheck,
    clock_findings,
    compiler_findings,
    version_findings,
)
from judge_core.model.submission import rfc3339
from judge_core.model.worker import LanguageOnWorker, WorkerRecord
from judge_core.redis.keys import DISPATCHER_KEY, SILENT_WORKERS_SET, workers_set
from judge_core.redis.worker_record_parser import parse_worker_record
from tests.network.certificates import make_authority
from tests.support.records import a_worker
from tests.web.app_fixture import AppFixture
from tests.web.served import Served

NOW = datetime.now(UTC)
WORKER = a_worker("normal-1", "python3", heartbeat=rfc3339(NOW) or "", versions={"gavel": "0.3.0"})
BOTH = ("GAVEL_REDIS_URL", "GAVEL_DATABASE_URL")


def check(settings: Settings, url: str | None = None) -> dict[str, Finding]:
    """Run the check. Returns its findings by name. ``url`` is that of a running `gavel up`."""
    if url is not None:
        Credentials(url).write(DataFolder(settings.data).credentials)
    return {each.name: each for each in InstallationCheck(settings, BOTH).findings()}


def test_a_running_installation_has_no_fault(app: AppFixture, served: Served) -> None:
    found = check(app.services.settings, served.url)
    for name in ("data folder", "database", "port", "redis", "clock", "versions"):
        assert found[name].fix is None, found[name]
    assert "takes writes" in found["database"].text
    assert served.url in found["port"].text


def test_a_missing_dispatcher_and_missing_workers_are_reported(app: AppFixture, served: Served) -> None:
    found = check(app.services.settings, served.url)
    assert "gavel dispatcher" in (found["dispatcher"].fix or "")
    assert found["premium workers"].fix == "`gavel worker --queue premium`"
    app.redis.client().set(DISPATCHER_KEY, "1")
    assert "dispatcher" not in check(app.services.settings, served.url)
    app.redis.client().delete(DISPATCHER_KEY)


def test_the_check_does_not_change_the_lists_of_workers_in_redis(app: AppFixture) -> None:
    """The check must not move a silent worker to the lost workers, as the API and the dispatcher do when they
    read the list."""
    client = app.redis.client()
    client.sadd(workers_set(None), "silent")
    check(app.services.settings)
    assert client.sismember(workers_set(None), "silent")
    assert client.zscore(SILENT_WORKERS_SET, "silent") is None
    client.srem(workers_set(None), "silent")


def test_an_unreachable_redis_is_reported(own_app: AppFixture) -> None:
    own_app.redis.stop()
    found = check(own_app.services.settings)
    assert "gavel up" in (found["redis"].fix or "")
    assert not {"clock", "dispatcher", "compilers"} & found.keys(), (
        "without Redis these are unknown and must be left out"
    )


def test_a_database_without_file_or_tables_is_reported(app: AppFixture, tmp_path: Path) -> None:
    settings = replace(app.services.settings, database_url=f"sqlite:///{tmp_path}/new.db")
    assert "does not exist" in check(settings)["database"].text
    engine = open_engine(settings.database_url)
    engine.connect().close()
    engine.dispose()
    found = check(settings)["database"]
    assert found == Finding("database", "sqlite has no tables", "`gavel setup` makes them")


def test_a_database_of_a_later_release_is_not_a_fault(own_app: AppFixture) -> None:
    """The database has a later schema during an upgrade, and after a return to the previous release."""
    with own_app.services.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of_a_later_release'"))
    found = check(own_app.services.settings)["database"]
    assert (found.fix, "takes writes" in found.text) == (None, True)


def test_a_database_that_does_not_answer_is_reported(app: AppFixture, tmp_path: Path) -> None:
    url = f"postgresql://gavel@/gavel?host={tmp_path}"
    found = check(replace(app.services.settings, database_url=url, database_wait_seconds=1))
    assert "GAVEL_DATABASE_URL" in (found["database"].fix or "")


@pytest.mark.parametrize("url", ["mysql://ada:secret@host/gavel", "nonsense", "postgresql://host:port/gavel"])
def test_an_unreadable_database_url_ends_the_check_with_an_explanation(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAVEL_DATABASE_URL", url)
    done = CliRunner().invoke(doctor.command, ["--data", str(tmp_path)])
    assert done.exit_code == 1
    assert done.output.startswith("Error: GAVEL_DATABASE_URL cannot be read: write sqlite:")


@pytest.mark.parametrize("url", ["http://host", "redis://host:port", "nonsense"])
def test_an_unreadable_redis_url_is_reported(app: AppFixture, url: str) -> None:
    found = check(replace(app.services.settings, redis_url=url))["redis"]
    assert found.text == "its URL cannot be read"
    assert "GAVEL_REDIS_URL" in (found.fix or "")


def test_a_slow_redis_is_not_reported_as_a_wrong_clock(
    app: AppFixture, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = [0.0]

    def slow(_url: str, _seconds: float) -> list[str]:
        passed[0] += 5
        return []

    monkeypatch.setattr(installation_check, "redis_warnings", slow)
    monkeypatch.setattr(installation_check, "time", lambda: time.time() + passed[0])
    found = check(app.services.settings, served.url)
    assert found["clock"] == Finding("clock", "as Redis' clock")


def test_the_check_of_the_api_does_not_use_a_web_proxy(
    app: AppFixture, served: Served, stranger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", stranger)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert check(app.services.settings, served.url)["port"].text == f"the API answers at {served.url}"


def test_a_full_disk_is_reported_with_a_fix(app: AppFixture) -> None:
    found = check(replace(app.services.settings, free_bytes=2**60))
    assert "MiB are needed" in found["disk"].text
    assert found["disk"].fix is not None


@contextmanager
def program(answer: bytes, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Runs another program, which gives the same answer to every request. Yields its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def stranger() -> Iterator[str]:
    with program(b"hello") as port:
        yield f"http://127.0.0.1:{port}"


def test_the_check_asks_an_api_with_tls_by_https(app: AppFixture, tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(authority.certificate, authority.key)
    with program(b'{"status":"ok"}', tls) as port:
        settings = replace(
            app.services.settings, data=tmp_path, port=port, tls_certificate=str(authority.certificate)
        )
        assert check(settings)["port"] == Finding("port", f"the API answers at https://127.0.0.1:{port}")


def test_a_foreign_program_on_the_port_is_reported(own_app: AppFixture, stranger: str) -> None:
    assert "choose another port" in (check(own_app.services.settings, stranger)["port"].fix or "")


def test_a_missing_api_is_a_fault_only_if_gavel_up_ran_on_this_host(own_app: AppFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = replace(own_app.services.settings, port=int(url.rpartition(":")[2]))
    assert check(settings)["port"].fix is None, "the API may be on another host"
    assert "gavel logs api" in (check(settings, url)["port"].fix or "")


@pytest.mark.parametrize(("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("::1", "[::1]")])
def test_the_check_finds_the_address_of_the_api_for_each_kind_of_host(
    own_app: AppFixture, tmp_path: Path, host: str, shown: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings = replace(own_app.services.settings, data=tmp_path, host=host, port=port)
    assert check(settings)["port"] == Finding("port", f"no API answers at http://{shown}:{port}")


def test_a_host_without_an_installation_gets_no_fault(tmp_path: Path) -> None:
    settings = Settings.from_env({"GAVEL_DATA": str(tmp_path)})
    (found,) = InstallationCheck(settings, ()).findings()
    assert found.fix is None
    assert "only this host is checked" in found.text


def test_clocks_that_differ_are_reported() -> None:
    assert [each.fix for each in clock_findings(NOW, NOW.timestamp() + 1, [WORKER])] == [None]
    here, worker = clock_findings(NOW, NOW.timestamp() - 60, [late(timedelta(seconds=-40))])
    assert "-60.0 s" in here.text
    assert "-40 s" in worker.text
    assert "NTP" in (worker.fix or "")


def late(by: timedelta) -> WorkerRecord:
    return replace(WORKER, heartbeat=rfc3339(NOW + by) or "")


def test_compilers_are_counted_and_a_host_without_compilers_has_a_fault() -> None:
    (found,) = compiler_findings([WORKER])
    assert found == Finding("compilers", "1 of 2 languages; not here: ada")
    lacks_c = replace(WORKER, languages={"c17": LanguageOnWorker(None, "gcc: not found")})
    (none,) = compiler_findings([lacks_c])
    assert "install a compiler" in (none.fix or "")


def test_workers_of_another_release_are_reported() -> None:
    assert [each.fix for each in version_findings("0.3.0", [WORKER])] == [None]
    (found,) = version_findings("0.4.0", [WORKER])
    assert found.text == "gavel 0.4.0 here, 0.3.0 on normal-1"
    assert "finish the upgrade" in (found.fix or "")


@pytest.mark.parametrize("release", ["9" * 900, "\x1b[2J0.3.0"])
def test_a_forged_worker_record_cannot_end_the_check_or_control_the_terminal(release: str) -> None:
    text = json.dumps({**asdict(WORKER), "versions": {"gavel": release}})
    forged = replace(parse_worker_record(WORKER.name, text.encode()), heartbeat="2020-01-01T00:00:00Z")
    found = [*version_findings("0.3.0", [WORKER, forged]), *clock_findings(NOW, NOW.timestamp(), [forged])]
    lines = [each.to_line() for each in found]
    assert all(line.replace("\n", "").isprintable() and len(line) < 300 for line in lines)
    assert len(lines) == 3
