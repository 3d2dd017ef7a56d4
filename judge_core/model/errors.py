"""The errors that callers handle, in one tree; one table maps them to HTTP.

::

    GavelError
    ├── Refused                         the request cannot be accepted as it is
    │   ├── Invalid                     a field is wrong: names the field and the fix   422
    │   │   ├── UnknownLanguage
    │   │   ├── UnknownProblem
    │   │   ├── SourceTooLarge                                                         413
    │   │   └── UnstorableValue         the database cannot store a value as it is     422
    │   ├── Unauthorized                no valid key or session                        401
    │   │   ├── AccountDisabled         the password is right, the account is disabled     401
    │   │   └── SecondFactorNeeded      the code of the second factor is missing           401
    │   ├── NotFound                    it does not exist, or is another account's     404
    │   ├── Forbidden                   the account may not do this                    403
    │   ├── Conflict                    it contradicts what exists                     409
    │   ├── IdempotencyKeyReused        an idempotency key with another body           422
    │   ├── QuotaExceeded               a quota is used up; says when to try again     429
    │   └── StoreFailed                 this item of a batch was not stored            503
    ├── UnderMaintenance                an operator stopped new submissions            503
    ├── QueueUnavailable                Redis is down, slow or full                    503
    ├── StoreUnavailable                the database is down                           503
    └── UnreadableRecord                a record of the database is damaged            410
"""

from __future__ import annotations

from dataclasses import dataclass

from judge_core.model.account import LimitState


class GavelError(Exception):
    """The base class of the main server's errors."""


class Refused(GavelError):
    """The request cannot be accepted. The message says what to change."""


UNKNOWN_FIELD = "unknown-field"
"""The error code for a field that the request may not have. If the field is optional, a client may send the
request again without it."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One wrong field: its name, and a message that says what is allowed.

    ``code`` and ``bound`` (the limit that the value exceeds) are for programs that write their own message.
    """

    field: str
    message: str
    code: str | None = None
    bound: float | None = None


class Invalid(Refused):
    """One or more fields are wrong."""

    def __init__(self, *faults: FieldFault) -> None:
        super().__init__("; ".join(f"{f.field}: {f.message}" for f in faults))
        self.faults = faults


class UnknownLanguage(Invalid):
    """The language is not in the catalog, or not available here."""


class UnknownProblem(Invalid):
    """The problem is not in the catalog."""


class SourceTooLarge(Invalid):
    """The source is longer than the account or the problem allows."""


class UnstorableValue(Invalid, ValueError):
    """A value that the database cannot keep: NUL in a text, half a surrogate, a number out of range.

    The request models refuse such values by field name; this error is for values that they let through.
    """


class Unauthorized(Refused):
    """No key or session, or a wrong, revoked or expired one."""


class AccountDisabled(Unauthorized):
    """The password is right, and an administrator has disabled the account."""


class SecondFactorNeeded(Unauthorized):
    """Name and password are right, but the code of the second factor is missing."""


class NotFound(Refused):
    """The object does not exist, or it belongs to another account. Clients get the same answer for both."""


class Forbidden(Refused):
    """The account may not do this."""


class Conflict(Refused):
    """The request contradicts what exists, such as a name that is taken."""


class IdempotencyKeyReused(Refused):
    """The same Idempotency-Key came with a different body."""


class QuotaExceeded(Refused):
    """A quota is used up."""

    def __init__(self, message: str, retry_after: int, limits: tuple[LimitState, ...] = ()) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.limits = limits


class StoreFailed(Refused):
    """One submission of a batch was not stored: the database failed after others were stored."""


class UnderMaintenance(GavelError):
    """An operator has stopped new submissions for some time."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class QueueUnavailable(GavelError):
    """Redis is down, slow, read-only or full."""


class StoreUnavailable(GavelError):
    """The database cannot be reached or does not answer."""


class UnreadableRecord(GavelError, ValueError):
    """A record of the database holds a value that cannot be read, for example because a disk was damaged."""
