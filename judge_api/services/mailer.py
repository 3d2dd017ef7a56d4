"""Sends e-mail by SMTP in a thread of its own, so that a request does not wait for another server."""

from __future__ import annotations

import smtplib
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import urlsplit

from judge_api.settings import Settings, SmtpServer
from judge_core.logging import get_logger

_logger = get_logger(__name__)
_SECONDS = 20.0
_THIS_HOST = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Mail:
    """One message in plain text."""

    to: str
    subject: str
    text: str


class Mailer:
    """Sends messages. Without a server ``is_on`` is false, and nothing must be sent."""

    def __init__(self, settings: Settings) -> None:
        self._server = settings.smtp_url
        host = urlsplit(settings.public_url).hostname or "localhost"
        self._sender = settings.mail_from or f"gavel@{host}"

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
        """Send messages by one connection. If the server closes it between two messages, open another one."""
        while mails:
            done = 0
            try:
                with connect(server) as connection:
                    for mail in mails:
                        self._send_one(connection, mail)
                        done += 1
            except (OSError, smtplib.SMTPException, ValueError) as error:
                if not done:
                    subject, count = mails[0].subject, len(mails)
                    _logger.error("E-mails could not be sent", subject=subject, count=count, error=str(error))
                    return
            mails = mails[done:]

    def _send_one(self, connection: smtplib.SMTP, mail: Mail) -> None:
        """Send one message. If the server refuses it, the next one is still sent."""
        try:
            connection.send_message(self._message(mail))
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, ValueError) as error:
            _logger.error("An e-mail could not be sent", subject=mail.subject, error=str(error))

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message


def connect(server: SmtpServer) -> smtplib.SMTP:
    """A connection to the server.

    It is encrypted if the server supports that. A password is only sent by an encrypted connection.
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
