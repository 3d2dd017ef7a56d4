"""A worker can use TLS for both of its connections, ``rediss://`` and HTTPS, and checks the certificates.

If ``GAVEL_TLS_REDIS`` names a redis-server with TLS (`make test-tls` installs Debian's), its own TLS is
tested. Otherwise a TLS proxy like stunnel is put before the usual Redis.
"""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from gavel_client import Gavel
from judge_api.dispatch.rq_queue import RqQueue
from judge_api.store.submissions import SubmissionStore
from judge_core.model.account import Tier
from judge_core.redis.client import create_redis_client
from tests.network.certificates import Authority, make_authority
from tests.network.waiting import running, until
from tests.support.ports import free_ports
from tests.support.records import SIGNER
from tests.support.redis_server import RedisServer
from tests.web.app_fixture import WORKER_TOKEN, build_app


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure_redis(redis_server: RedisServer, authority: Authority, tmp_path: Path) -> Iterator[str]:
    """The URL of a Redis that is reached by TLS only."""
    port = free_ports(1)[0]
    own = os.environ.get("GAVEL_TLS_REDIS")
    end = _own_tls(own, port, authority, tmp_path) if own else _tls_end(redis_server, port, authority)
    url = f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={authority.trusted}"
    with end:
        until(lambda: bool(create_redis_client(url, 5).ping()), "Redis answers by TLS")
        yield url


@contextmanager
def _own_tls(binary: str, port: int, authority: Authority, folder: Path) -> Iterator[None]:
    argv = [binary, "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    argv += ["--tls-cert-file", str(authority.certificate), "--tls-key-file", str(authority.key)]
    argv += ["--tls-ca-cert-file", str(authority.trusted), "--tls-auth-clients", "no", "--save", ""]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def _tls_end(redis: RedisServer, port: int, authority: Authority) -> Iterator[None]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate, authority.key)
    listener = socket.create_server(("127.0.0.1", port))
    place = redis.url.removeprefix("unix://")

    def accept() -> None:
        with suppress(OSError):
            while True:
                plain = listener.accept()[0]
                with suppress(ssl.SSLError, ConnectionError):
                    near = context.wrap_socket(plain, server_side=True)
                    far = socket.socket(socket.AF_UNIX)
                    far.connect(place)
                    for one, other in ((near, far), (far, near)):
                        threading.Thread(target=_carry, args=(one, other), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield
    finally:
        listener.close()


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while part := one.recv(65536):
            other.sendall(part)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)


def test_a_redis_whose_certificate_is_not_trusted_is_refused(secure_redis: str, tmp_path: Path) -> None:
    assert RqQueue(create_redis_client(secure_redis, 2.0), SIGNER).depth(Tier.NORMAL).waiting == 0
    stranger = make_authority(tmp_path, "stranger")
    address = secure_redis.partition("?")[0]
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        create_redis_client(f"{address}?ssl_ca_certs={stranger.trusted}", 5).ping()


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_worker_judges_a_submission_with_tls_on_both_of_its_connections(
    secure_redis: str, authority: Authority, redis_server: RedisServer, tmp_path: Path
) -> None:
    app = build_app(tmp_path / "data", redis_server)
    port = free_ports(1)[0]
    url = f"https://127.0.0.1:{port}"
    server = {
        "PATH": os.environ["PATH"],
        "GAVEL_DATA": str(tmp_path / "data"),
        "GAVEL_REDIS_URL": secure_redis,
        "GAVEL_SECRET_KEY": "s" * 32,
        "GAVEL_WORKER_TOKEN": WORKER_TOKEN,
        "GAVEL_PORT": str(port),
        "GAVEL_PUBLIC_URL": url,
        "GAVEL_TLS_CERTIFICATE": str(authority.certificate),
        "GAVEL_TLS_KEY": str(authority.key),
    }
    worker = {
        "PATH": os.environ["PATH"],
        "GAVEL_REDIS_URL": secure_redis,
        "GAVEL_SERVER_URL": url,
        "GAVEL_WORKER_TOKEN": WORKER_TOKEN,
        "GAVEL_CACHE": str(tmp_path / "cache"),
        "GAVEL_SLOT": "71",
        "GAVEL_LANGUAGES": "python3",
        "REQUESTS_CA_BUNDLE": str(authority.trusted),
    }
    gunicorn = ["gunicorn", "-c", "python:judge_api.gunicorn_conf", "judge_api.wsgi:app"]
    tmp_path.chmod(0o755)
    with (
        running(tmp_path / "api.log", gunicorn, server),
        running(tmp_path / "dispatcher.log", ["judge_api.dispatcher"], server),
        running(tmp_path / "worker.log", ["workers", "--queue", "normal"], worker),
    ):
        trust = str(authority.trusted)
        until(lambda: _answers(url, trust), "the API answers by TLS", 60)
        headers = app.headers("ada")
        body = {"problem": "aplusb", "language": "python3", "source": "print(sum(map(int, input().split())))"}
        sent = requests.post(f"{url}/submissions", json=body, headers=headers, verify=trust, timeout=10)
        assert sent.status_code == 202
        assert sent.headers["Strict-Transport-Security"]
        store = SubmissionStore(app.services.engine)
        id = sent.json()["id"]
        until(lambda: store.status(id).outcome is not None, "the verdict", 180)  # type: ignore[union-attr]
        assert store.status(id).outcome.verdict.value == "AC"  # type: ignore[union-attr]
        with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
            Gavel(url, app.accounts["ada"].key).status(id)
    app.services.status_subscriptions.close()
    app.services.engine.dispose()


def _answers(url: str, trusted: str) -> bool:
    with suppress(requests.ConnectionError):
        return requests.get(f"{url}/healthz", verify=trusted, timeout=5).ok
    return False
