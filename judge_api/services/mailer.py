"""Sends e-mail by SMTP in a thread of its own, so that a request does not wait for another server."""

from __future__ import annotations

import smtplib
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import urlsplit

from judge_api.setting_parsers import SmtpServer
from judge_api.settings import Settings
from judge_core.logging import get_logger

_logger = get_logger(__name__)
_SECONDS = 20.0
_MOST_REFUSED = 3
_THIS_HOST = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Mail:
    """One message in plain text."""

    to: str
    subject: str
    text: str


class Mailer:
    """Sends messages. Without a server ``is_on`` is false, and nothing is sent."""

    def __init__(self, settings: Settings) -> None:
        self._server = settings.smtp_url
        host = urlsplit(settings.public_url).hostname or "localhost"
        self._sender = settings.mail_from or f"gavel@{'localhost' if ':' in host else host}"
        self._domain = parseaddr(self._sender)[1].rpartition("@")[2]

    @property
    def is_on(self) -> bool:
        return self._server is not None

    def send_soon(self, *mails: Mail) -> None:
        """Send messages from another thread, one after the other, since a server accepts few connections at
        once.

        Failures are logged.
        """
        if self._server is not None and mails:
            threading.Thread(target=self._send, args=(self._server, mails), daemon=True).start()

    def _send(self, server: SmtpServer, mails: Sequence[Mail]) -> None:
        """Send messages by one connection. If the server closes the connection, continue with a new
        connection.

        The message at which the server closes a new connection is left out. After ``_MOST_REFUSED`` such
        messages in a row, all later messages are left out too.
        """
        refused = 0
        while mails:
            tried = _Tried()
            try:
                self._send_by_one_connection(server, mails, tried)
            except (OSError, smtplib.SMTPException, ValueError) as error:
                refused = 0 if tried.sent else refused + 1
                if not tried.is_connected or refused >= _MOST_REFUSED:
                    subject, count = mails[0].subject, len(mails)
                    _logger.error("E-mails could not be sent", subject=subject, count=count, error=str(error))
                    return
                if not tried.sent:
                    _log_unsent(mails[0], error)
            mails = mails[tried.sent or 1 :]

    def _send_by_one_connection(self, server: SmtpServer, mails: Sequence[Mail], tried: _Tried) -> None:
        with connect(server) as connection:
            tried.is_connected = True
            for mail in mails:
                self._send_one(connection, mail)
                tried.sent += 1

    def _send_one(self, connection: smtplib.SMTP, mail: Mail) -> None:
        """Send one message. If the server refuses it, the next message is still sent."""
        try:
            connection.send_message(self._message(mail))
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, ValueError) as error:
            _log_unsent(mail, error)

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._domain)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message


@dataclass(slots=True)
class _Tried:
    """The state of one connection: whether the server accepted it, and the number of messages sent."""

    is_connected: bool = False
    sent: int = 0


def _log_unsent(mail: Mail, error: Exception) -> None:
    _logger.error("An e-mail could not be sent", subject=mail.subject, error=str(error))


def connect(server: SmtpServer) -> smtplib.SMTP:
    """A connection to the server.

    It is encrypted if the server supports that. A password is sent only by an encrypted connection or to this
    host.
    """
    if server.smtps:
        context = ssl.create_default_context()
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=_SECONDS, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
    try:
        _sign_in(connection, server)
    except BaseException:
        connection.close()
        raise
    return connection


def _sign_in(connection: smtplib.SMTP, server: SmtpServer) -> None:
    connection.ehlo()
    if not server.smtps and connection.has_extn("starttls"):
        connection.starttls(context=ssl.create_default_context())
        connection.ehlo()
    elif not server.smtps and server.user and server.host not in _THIS_HOST:
        raise ValueError("the SMTP server offers no STARTTLS: the password is not sent to it")
    if server.user:
        connection.login(server.user, server.password)
