"""Makes the accounts of a file, each with a password that is shown once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Engine

from judge_api.services.account_file import AccountFile, LineFault
from judge_api.services.password_hashing import hash_passwords
from judge_api.store.accounts import AccountStore, NewAccount
from judge_core.model.errors import FieldFault, Invalid

# Letters and digits that look alike on paper are left out.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class MadeAccount:
    """An account of the file with its password. The database has only the password's hash."""

    account: NewAccount
    password: str


class AccountImport:
    """Makes all accounts of a file, or none."""

    def __init__(self, engine: Engine) -> None:
        self._accounts = AccountStore(engine)

    def faults(self, file: AccountFile) -> tuple[LineFault, ...]:
        """The faults of the file and the names that are already taken, by line."""
        taken = self._accounts.taken(account.name for account in file.accounts)
        found = [
            LineFault(line.line, "name", _taken(line.account.name, other))
            for line in file.lines
            if (other := taken.get(line.account.name.lower())) is not None
        ]
        return tuple(sorted((*file.faults, *found), key=lambda fault: fault.line))

    def run(self, actor: str, file: AccountFile) -> list[MadeAccount]:
        """Make the accounts. Raises ``Invalid`` with every fault of :meth:`faults`, and ``Conflict`` if a
        name was taken meanwhile."""
        if faults := self.faults(file):
            raise Invalid(*(FieldFault(place_of(fault), fault.message) for fault in faults))
        made = [MadeAccount(account, make_password()) for account in file.accounts]
        self._accounts.add_many(file.accounts, hash_passwords([one.password for one in made]), actor)
        return made


def _taken(name: str, other: str) -> str:
    if name == other:
        return f"{name!r} is taken: choose another"
    return f"{name!r} is taken: {other!r} differs in capitals only. Choose another"


def place_of(fault: LineFault) -> str:
    """The place of a fault, such as ``line 3, e-mail``."""
    return f"line {fault.line}, {fault.column}" if fault.column else f"line {fault.line}"


def make_password() -> str:
    """A random password of 59 bits that can be typed from paper."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(12))
    return "-".join((letters[:4], letters[4:8], letters[8:]))
