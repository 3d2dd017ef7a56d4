"""The second factor of an account: six digits from a device (TOTP), or a recovery code."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pyotp
from limits import RateLimitItemPerHour
from sqlalchemy import Engine

from judge_api.services.rate_limits import RateLimits
from judge_api.store.audit import AuditLog
from judge_api.store.second_factors import SecondFactorStore
from judge_core.clock import utc_now
from judge_core.model.account import Account
from judge_core.model.errors import Conflict, FieldFault, Invalid, SecondFactorNeeded, Unauthorized

WRONG_CODES = RateLimitItemPerHour(20)
RECOVERY_CODES = 10
_STEP_SECONDS = 30
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_ACT = "wrong codes of one account"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A new secret for a device: as an address for authenticator apps, and as a picture of that address."""

    secret: str
    uri: str
    qr: str


class SecondFactorService:
    """Sets up and checks second factors. Methods raise ``QuotaExceeded`` after many wrong codes."""

    def __init__(
        self, engine: Engine, rate_limits: RateLimits, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._factors = SecondFactorStore(engine, clock)
        self._audit = AuditLog(engine, clock)
        self._rate_limits = rate_limits
        self._clock = clock

    def is_on(self, account: Account) -> bool:
        found = self._factors.get(account.id)
        return found is not None and found.is_confirmed

    def codes_left(self, account: Account) -> int:
        return self._factors.codes_left(account.id)

    def begin(self, account: Account, issuer: str) -> Enrolment:
        """Make a new secret. It is used only after it was confirmed. Raises ``Conflict`` if a second factor
        is on."""
        if self.is_on(account):
            raise Conflict("a second factor is on: turn it off first")
        secret = pyotp.random_base32()
        self._factors.begin(account.id, secret)
        uri = pyotp.TOTP(secret).provisioning_uri(name=account.name, issuer_name=issuer)
        import segno  # imported here, because few processes set up a second factor

        return Enrolment(secret, uri, segno.make(uri).svg_data_uri(scale=5, border=4, light="white"))

    def confirm(self, account: Account, code: str) -> list[str]:
        """Turn on the second factor with its first code. Returns the recovery codes, which are shown once."""
        found = self._factors.get(account.id)
        if found is None or found.is_confirmed:
            raise Conflict("there is no second factor to confirm: begin with a new one")
        self._take(account, found.secret, code)
        codes = make_recovery_codes()
        if not self._factors.confirm(account.id, found.secret, map(_plain, codes)):
            raise Conflict("the second factor was just begun or confirmed by another request: begin again")
        self._audit.record(account.name, "second-factor.on", account.name)
        return codes

    def require(self, account: Account, code: str | None) -> None:
        """Refuse a sign-in without the code, if the account has a second factor."""
        found = self._factors.get(account.id)
        if found is None or not found.is_confirmed:
            return
        if code is None:
            raise SecondFactorNeeded("send the code of your device, or a recovery code, in the field code")
        try:
            self._take_any(account, found.secret, code)
        except Invalid as error:
            raise Unauthorized(str(error)) from error

    def renew_codes(self, account: Account, code: str) -> list[str]:
        """Make new recovery codes. The earlier codes stop working."""
        self._take_any(account, self._secret(account), code)
        codes = make_recovery_codes()
        self._factors.replace_codes(account.id, map(_plain, codes))
        self._audit.record(account.name, "second-factor.new-codes", account.name)
        return codes

    def turn_off(self, account: Account, code: str) -> None:
        self._take_any(account, self._secret(account), code)
        self._factors.remove(account.id)
        self._audit.record(account.name, "second-factor.off", account.name)

    def _secret(self, account: Account) -> str:
        found = self._factors.get(account.id)
        if found is None or not found.is_confirmed:
            raise Conflict("this account has no second factor")
        return found.secret

    def _take_any(self, account: Account, secret: str, code: str) -> None:
        if len(plain := _plain(code)) <= 6:
            self._take(account, secret, code)
            return
        self._rate_limits.count(WRONG_CODES, _ACT, account.id)
        if not self._factors.use_code(account.id, plain):
            raise Invalid(FieldFault("code", "is wrong or used: send another code"))
        self._rate_limits.take_back(WRONG_CODES, _ACT, account.id)
        self._audit.record(account.name, "second-factor.recovery", account.name)

    def _take(self, account: Account, secret: str, code: str) -> None:
        """Accept a code of the device. Each code works once. A guess is counted before it is compared."""
        self._rate_limits.count(WRONG_CODES, _ACT, account.id)
        step = self._step(secret, _plain(code))
        if step is None or not self._factors.use_step(account.id, step):
            raise Invalid(FieldFault("code", "is wrong or used: take the next code from your device"))
        self._rate_limits.take_back(WRONG_CODES, _ACT, account.id)

    def _step(self, secret: str, code: str) -> int | None:
        """The time step of this code: the present one, or the one before or after, because clocks differ."""
        now, totp = int(self._clock().timestamp()) // _STEP_SECONDS, pyotp.TOTP(secret)
        steps = (now - 1, now, now + 1)
        return next((step for step in steps if _equal(totp.generate_otp(step), code)), None)


def make_recovery_codes() -> list[str]:
    """Random codes of 49 bits, each written in two parts."""
    letters = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    return [f"{text[:5]}-{text[5:]}" for text in letters]


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
