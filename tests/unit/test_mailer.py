"""Passwords are sent to an SMTP server only with encryption, or to this host. The tests use a real SMTP
server."""

from __future__ import annotations

import smtplib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Debugging
from aiosmtpd.smtp import AuthResult, LoginPassword

from judge_api.services.mailer import connect
from judge_api.settings import SmtpServer

USER, PASSWORD = "gavel", "a password"


@contextmanager
def _server(host: str, **options: Any) -> Iterator[SmtpServer]:
    """An SMTP server that knows one account."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port = int(probe.getsockname()[1])
    controller = Controller(Debugging(), hostname=host, port=port, authenticator=_authenticate, **options)
    controller.start()
    try:
        yield SmtpServer(host, port, USER, PASSWORD, smtps=False)
    finally:
        controller.stop()


def _authenticate(
    _server: object, _session: object, _envelope: object, _mechanism: str, given: Any
) -> AuthResult:
    is_right = isinstance(given, LoginPassword) and given == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


def test_a_server_on_this_host_takes_the_password_as_it_is() -> None:
    with _server("127.0.0.1", auth_require_tls=False) as server, connect(server) as connection:
        assert connection.noop()[0] == 250
        assert not isinstance(connection.sock, ssl.SSLSocket)


def test_the_password_is_not_sent_unencrypted_to_another_host() -> None:
    with _server("127.0.0.2", auth_require_tls=False) as server, pytest.raises(ValueError, match="STARTTLS"):
        connect(server)


def test_the_connection_is_encrypted_where_the_server_offers_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = _certificate(tmp_path)
    with _server("127.0.0.1", tls_context=context) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            connect(server)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        with connect(server) as connection:
            assert isinstance(connection.sock, ssl.SSLSocket)


def test_a_wrong_password_is_an_error_of_smtp() -> None:
    with _server("127.0.0.1", auth_require_tls=False) as server:
        wrong = SmtpServer(server.host, server.port, USER, "another", smtps=False)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            connect(wrong)


def _certificate(folder: Path) -> ssl.SSLContext:
    """A self-signed certificate for 127.0.0.1."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subject = ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = [*made, *subject, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
