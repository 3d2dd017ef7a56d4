"""Reads the values of settings: numbers, folders, and addresses of sites and of e-mail.

Every function raises ``ValueError`` with what is allowed. No message has the value, since it may hold a
password.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from judge_core.model.account import email_fault

_SMTP_PORTS = {"smtp": 587, "smtps": 465}
_NO_SITE = "must begin with http:// or https:// and a host, such as https://judge.example.org"
_NO_ORIGIN = "must be *, or origins without a path, such as https://example.org https://other.example:8443"
_NO_SENDER = "must be an address such as gavel@example.org, or Gavel <gavel@example.org>"
_NO_SMTP_SERVER = "must be smtp://user:password@host:port or smtps://user:password@host:port"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A server that takes e-mail. ``smtps`` encrypts from the first byte, ``smtp`` by STARTTLS if offered."""

    host: str
    port: int
    user: str
    password: str
    smtps: bool


def whole(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ValueError("must be a whole number") from error


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ValueError("must be a number") from error


def _whole_within(text: str, least: int, most: int, fault: str) -> int:
    found = whole(text)
    if not least <= found <= most:
        raise ValueError(fault)
    return found


def not_empty(text: str) -> str:
    if not text:
        raise ValueError("must not be empty: leave the variable out for the default")
    return text


def folder_path(text: str) -> Path:
    return Path(not_empty(text))


def port_number(text: str) -> int:
    return _whole_within(text, 0, 65_535, "must be 0 to 65535")


def non_negative(text: str) -> int:
    found = whole(text)
    if found < 0:
        raise ValueError("must not be negative")
    return found


def positive(text: str) -> int:
    found = whole(text)
    if found < 1:
        raise ValueError("must be at least 1")
    return found


def yes_or_no(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise ValueError("must be yes or no")
    return text.lower() == "yes"


def level(text: str) -> str:
    if text.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
    return text.upper()


def positive_seconds(text: str) -> float:
    found = number(text)
    if not 0 < found < float("inf"):
        raise ValueError("must be a positive number of seconds")
    return found


def days_of_a_year(text: str) -> int:
    return _whole_within(text, 0, 365, "must be 0 to 365 days")


def days(text: str) -> int:
    return _whole_within(text, 0, 36_600, "must be 0 to 36600 days")


def site_address(text: str) -> str:
    """An address of HTTP without a slash at its end; empty for an empty text."""
    parts = _split(text, _NO_SITE)
    is_site = parts.scheme in ("http", "https") and parts.hostname and not {"?", "#"} & set(text)
    if text and not is_site:
        raise ValueError(_NO_SITE)
    return text.rstrip("/")


def web_origins(text: str) -> tuple[str, ...]:
    """Origins as browsers send them: in small letters and without a slash at the end."""
    origins = tuple(word.lower().rstrip("/") for word in text.replace(",", " ").split())
    for origin in origins:
        parts = _split(origin, _NO_ORIGIN)
        if origin not in ("*", "null") and (not parts.scheme or origin != f"{parts.scheme}://{parts.netloc}"):
            raise ValueError(_NO_ORIGIN)
    return origins


def mail_sender(text: str) -> str:
    """The sender of e-mail, with or without a name; empty for an empty text."""
    found = getaddresses([text])
    if text and (len(found) != 1 or not text.isprintable() or email_fault(found[0][1])):
        raise ValueError(_NO_SENDER)
    return text


def smtp_server(text: str) -> SmtpServer | None:
    """``smtp://user:password@host:587`` or ``smtps://host``; ``None`` for an empty text."""
    if not text:
        return None
    parts = _split(text, _NO_SMTP_SERVER)
    if parts.scheme not in _SMTP_PORTS or not parts.hostname or parts.path.strip("/"):
        raise ValueError(_NO_SMTP_SERVER)
    if parts.query or parts.fragment:
        raise ValueError(f"{_NO_SMTP_SERVER}, with %23 for # and %3F for ? in the password")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    port = parts.port or _SMTP_PORTS[parts.scheme]
    return SmtpServer(parts.hostname, port, user, password, parts.scheme == "smtps")


def _split(text: str, fault: str) -> SplitResult:
    """The parts of an address with a usable port. Python's own error would quote a part of the password."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 (reading it checks it)
    except ValueError as error:
        raise ValueError(fault) from error
    return parts
