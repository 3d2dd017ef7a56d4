"""Passwords are sent to an SMTP server only with encryption, or to this host. If the
server ends the connection at one message, the later messages are still sent. The tests use a real SMTP
server."""

from __future__ import annotations

import smtplib
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Debugging
from aiosmtpd.smtp import AuthResult, LoginPassword

from judge_api.services.mailer import Mail, Mailer, connect
from judge_api.setting_parsers import SmtpServer
from judge_api.settings import Settings

USER, PASSWORD = "gavel", "a password"


class Mailbox:
    """Keeps the subjects of accepted messages. Closes the connection at the subject ``bad``."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.subjects: list[str] = []
        self.connections = 0

    async def handle_EHLO(
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content)
        subject = str(message["Subject"])
        self.messages.append(message)
        if subject == "bad":
            server.transport.abort()
        else:
            self.subjects.append(subject)
        return "221 Bye" if subject == "bad" else "250 OK"


def _mailer(server: SmtpServer, sender: str = "gavel@example.org") -> Mailer:
    url = f"smtp://{server.host}:{server.port}"
    return Mailer(Settings.from_env({"GAVEL_SMTP_URL": url, "GAVEL_MAIL_FROM": sender}))


def _send(mailer: Mailer, *subjects: str) -> None:
    """Send messages, and wait until the mailer's thread has ended."""
    others = set(threading.enumerate())
    mailer.send_soon(*(Mail("ada@example.org", subject, "Hello") for subject in subjects))
    for thread in set(threading.enumerate()) - others:
        thread.join(60)
        assert not thread.is_alive()


def test_later_messages_are_sent_after_the_server_ended_a_connection() -> None:
    box = Mailbox()
    with _server("127.0.0.1", box, auth_required=False) as server:
        _send(_mailer(server), "one", "bad", "two", "three", "bad", "bad", "four")
        assert box.subjects == ["one", "two", "three", "four"]


def test_the_mailer_gives_up_after_three_connections_that_the_server_ended() -> None:
    box = Mailbox()
    with _server("127.0.0.1", box, auth_required=False) as server:
        _send(_mailer(server), *["bad"] * 50)
        assert box.subjects == []
        assert box.connections == 3


def test_the_sender_of_mail_may_have_a_display_name() -> None:
    box = Mailbox()
    with _server("127.0.0.1", box, auth_required=False) as server:
        _send(_mailer(server, "The judge Gavel <gavel@example.org>"), "one")
    (message,) = box.messages
    assert message["From"] == "The judge Gavel <gavel@example.org>"
    assert message["Message-ID"].endswith("@example.org>")
    assert not message["Message-ID"].endswith(">>")


@contextmanager
def _server(host: str, handler: object = None, **options: Any) -> Iterator[SmtpServer]:
    """An SMTP server that knows one account."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port = int(probe.getsockname()[1])
    handler = handler or Debugging()
    controller = Controller(handler, hostname=host, port=port, authenticator=_authenticate, **options)
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


def test_a_mail_server_on_this_host_gets_the_password_without_encryption() -> None:
    with _server("127.0.0.1", auth_require_tls=False) as server, connect(server) as connection:
        assert connection.noop()[0] == 250
        assert not isinstance(connection.sock, ssl.SSLSocket)


def test_the_password_is_not_sent_unencrypted_to_another_host() -> None:
    with _server("127.0.0.2", auth_require_tls=False) as server, pytest.raises(ValueError, match="STARTTLS"):
        connect(server)


def test_the_connection_to_a_mail_server_that_offers_tls_is_encrypted_and_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = _certificate(tmp_path)
    with _server("127.0.0.1", tls_context=context) as server:
        with pytest.raises(ssl.SSLCertVerificationError):
            connect(server)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        with connect(server) as connection:
            assert isinstance(connection.sock, ssl.SSLSocket)


def test_a_wrong_mail_password_raises_an_smtp_authentication_error() -> None:
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
