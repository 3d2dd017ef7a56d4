"""The e-mail addresses of accounts. They are verified by a link, and a password can be reset through them."""

from __future__ import annotations

import threading
from datetime import timedelta

from limits import RateLimitItemPerHour
from sqlalchemy import Engine

from judge_api.services.account_administration import LINK_PATH
from judge_api.services.mailer import Mail, Mailer
from judge_api.services.rate_limits import RateLimits
from judge_api.store.accounts import AccountStore
from judge_api.store.audit import AuditLog
from judge_api.store.one_time_links import OneTimeLinkStore
from judge_core.clock import utc_now
from judge_core.logging import get_logger
from judge_core.model.account import Account, LinkPurpose, email_fault
from judge_core.model.errors import Conflict, FieldFault, GavelError, Invalid

_logger = get_logger(__name__)
MAILS_OF_ACCOUNT = RateLimitItemPerHour(5)
RESETS_OF_ADDRESS = RateLimitItemPerHour(3)
RESETS_OF_NETWORK = RateLimitItemPerHour(30)
_LASTS = timedelta(hours=24)
_BAD_LINK = "is used, expired or wrong: ask for a new link"
_VERIFY = """Hello {name},

confirm this e-mail address for your account {name} at {site}:

{link}

The link works once, within a day. If you have no such account, ignore this message.
"""
_RESET = """Hello {name},

set a new password for your account {name} at {site}:

{link}

The link works once, within a day. If you did not ask for it, ignore this message. Nothing has changed.
"""
_CHANGED = """Hello {name},

the e-mail address of your account {name} at {site} is no longer this one.

If you did not change it, sign in and change your password, or ask an administrator.
"""


class EmailService:
    """Changes and verifies addresses. Methods raise ``Invalid``, ``QuotaExceeded``, and ``Conflict`` if the
    server sends no e-mail."""

    def __init__(self, engine: Engine, rate_limits: RateLimits, mailer: Mailer, public_url: str) -> None:
        self._accounts = AccountStore(engine)
        self._audit = AuditLog(engine)
        self._links = OneTimeLinkStore(engine)
        self._rate_limits = rate_limits
        self._mailer = mailer
        self._site = public_url

    def set_address(self, account: Account, address: str | None) -> bool:
        """Set or remove the address. A new address is not verified yet. Returns whether a link was sent to
        it."""
        if address is not None and (fault := email_fault(address)):
            raise Invalid(FieldFault("email", fault))
        if self._mailer.is_on and address is not None:
            self._count(account)
        self._accounts.set_email(account.id, address)
        self._audit.record(account.name, "email.change", account.name)
        if account.email_verified and account.email is not None and account.email != address:
            self._send(account, account.email, "Your e-mail address was changed", _CHANGED)
        if address is None or not self._mailer.is_on:
            return False
        self._send_link(account, address, LinkPurpose.EMAIL)
        return True

    def send_verification(self, account: Account) -> None:
        """Send another link to verify the address."""
        self._require_mail()
        if account.email is None or account.email_verified:
            raise Conflict("there is no unverified address: set an address first")
        self._count(account)
        self._send_link(account, account.email, LinkPurpose.EMAIL)

    def verify(self, token: str) -> Account:
        """Mark the address of the link's account as verified. The link then no longer works."""
        account = self._links.use(token, LinkPurpose.EMAIL)
        if account is None or account.email is None:
            raise Invalid(FieldFault("token", _BAD_LINK))
        self._accounts.verify_email(account.id, account.email)
        self._audit.record(account.name, "email.verify", account.name)
        return account

    def send_resets(self, address: str, network: str) -> None:
        """Send a link to set a new password to each account with this verified address that is not disabled.

        Another thread sends the links. So the time of the answer does not reveal whether an account has the
        address.
        """
        self._require_mail()
        self._rate_limits.count(RESETS_OF_NETWORK, "passwords to reset from one network", network)
        self._rate_limits.count(RESETS_OF_ADDRESS, "passwords to reset by one address", address.lower())
        threading.Thread(target=self._send_resets, args=(address,), daemon=True).start()

    def _send_resets(self, address: str) -> None:
        try:
            found = self._accounts.by_verified_email(address)
        except GavelError as error:
            _logger.error("Links to reset a password could not be sent", error=str(error))
            return
        for account in found:
            try:
                # The link goes to the stored address, because the typed one may look alike and belong to
                # another person.
                self._send_link(account, account.email or address, LinkPurpose.PASSWORD)
                self._audit.record(account.name, "password.reset-mail", account.name)
            except GavelError as error:
                _logger.error("A link to reset a password could not be sent", error=str(error))

    def _send_link(self, account: Account, address: str, purpose: LinkPurpose) -> None:
        token = self._links.create_for_address(account, address, purpose, utc_now() + _LASTS)
        link = f"{self._site}{LINK_PATH}#{token}"
        if purpose is LinkPurpose.EMAIL:
            self._send(account, address, "Confirm your e-mail address", _VERIFY, link)
        else:
            self._send(account, address, "Set a new password", _RESET, link)

    def _send(self, account: Account, address: str, subject: str, text: str, link: str = "") -> None:
        content = text.format(name=account.name, site=self._site, link=link)
        self._mailer.send_soon(Mail(address, subject, content))

    def _count(self, account: Account) -> None:
        self._rate_limits.count(MAILS_OF_ACCOUNT, "e-mails to verify an address", account.id)

    def _require_mail(self) -> None:
        if not self._mailer.is_on:
            raise Conflict("this server sends no e-mail: ask an administrator for a link")
