"""The errors a caller can meet, one tree; the web maps them to HTTP in one table.

::

    GavelError
    ├── Refused                 the request cannot be taken as it is
    │   ├── Invalid             a field is wrong: names the field and the fix        422
    │   │   ├── UnknownLanguage
    │   │   ├── UnknownProblem
    │   │   ├── SourceTooLarge                                                      413
    │   │   └── Unstorable      the database cannot keep a value as it is            422
    │   ├── Unauthorized        we do not know who asks                              401
    │   ├── NotFound            no such thing, or not yours                          404
    │   ├── Forbidden           known, but not allowed                               403
    │   ├── Conflict            it clashes with what is there                        409
    │   ├── KeyReused           an idempotency key with another body                 422
    │   └── TooMany             a quota; says when to come back                      429
    ├── QueueUnavailable        Redis is down, slow or full; never reaches a POST
    └── StoreUnavailable        the database is down                                 503
"""

from __future__ import annotations

from dataclasses import dataclass


class GavelError(Exception):
    """Root of every error of the main server."""


class Refused(GavelError):
    """The request cannot be taken; the message says what to change."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One wrong field: where, and what would be right."""

    field: str
    message: str


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


class Unstorable(Invalid, ValueError):
    """A value that the database cannot keep: NUL in a text, half a surrogate, a number out of range.

    The door refuses such values by the names of their fields; this is for what comes past it.
    """


class Unauthorized(Refused):
    """Nobody we know: no key, a wrong one, or one that has ended."""


class NotFound(Refused):
    """No such thing, or it belongs to somebody else: both look the same from outside."""


class Forbidden(Refused):
    """The account may not do this."""


class Conflict(Refused):
    """What is asked for clashes with what is there."""


class KeyReused(Refused):
    """The same Idempotency-Key came with a different body."""


class TooMany(Refused):
    """A quota is used up."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class QueueUnavailable(GavelError):
    """Redis is down, slow, read-only or full."""


class StoreUnavailable(GavelError):
    """The database cannot be reached or does not answer."""
