"""Second factors: the secrets of TOTP devices, and recovery codes. Only the hashes of recovery codes are
stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, delete, func, insert, or_, select, update

from judge_api.store.account_locks import lock_account
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.reading import read_one
from judge_api.store.secret_tokens import hash_secret
from judge_api.store.tables import recovery_codes, second_factors
from judge_core.clock import utc_now
from judge_core.model.errors import Conflict


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """The secret of an account's device. It has no effect until it is confirmed."""

    secret: str
    is_confirmed: bool


class SecondFactorStore:
    """Stores second factors. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def get(self, account_id: str) -> SecondFactor | None:
        """The account's second factor, confirmed or not."""
        query = select(second_factors).where(second_factors.c.account_id == account_id)
        with read_connection(self._engine) as connection:
            return read_one(connection, query, _factor)

    def confirmed(self, account_ids: Collection[str]) -> set[str]:
        """The accounts among these that have a confirmed second factor."""
        query = select(second_factors.c.account_id).where(
            second_factors.c.account_id.in_(account_ids), second_factors.c.confirmed_at.is_not(None)
        )
        with read_connection(self._engine) as connection:
            return set(connection.execute(query).scalars())

    def begin(self, account_id: str, secret: str) -> None:
        """Store a secret, which has no effect until a code confirms it. It replaces an earlier secret that is
        not confirmed. Raises ``Conflict`` if a second factor is on."""
        values = {"account_id": account_id, "secret": secret, "created_at": self._clock()}
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            on = select(second_factors.c.account_id).filter_by(account_id=account_id)
            if connection.execute(on.where(second_factors.c.confirmed_at.is_not(None))).first() is not None:
                raise Conflict("a second factor is on: turn it off first")
            _remove(connection, account_id)
            connection.execute(insert(second_factors).values(values))

    def confirm(self, account_id: str, secret: str, codes: Iterable[str]) -> bool:
        """Require the second factor with this secret from now on, with these recovery codes.

        False if another request has replaced, confirmed or removed the secret meanwhile. The owner's device
        would then not have the secret that counts.
        """
        change = (
            update(second_factors)
            .where(second_factors.c.account_id == account_id, second_factors.c.secret == secret)
            .where(second_factors.c.confirmed_at.is_(None))
            .values(confirmed_at=self._clock())
        )
        with write_transaction(self._engine) as connection:
            lock_account(connection, account_id)
            if connection.execute(change).rowcount != 1:
                return False
            _replace_codes(connection, account_id, codes)
            return True

    def replace_codes(self, account_id: str, codes: Iterable[str]) -> None:
        """Store new recovery codes. The previous codes stop working."""
        with write_transaction(self._engine) as connection:
            _replace_codes(connection, account_id, codes)

    def use_step(self, account_id: str, step: int) -> bool:
        """Accept the code of a time step. False if this or a later time step was accepted before."""
        change = (
            update(second_factors)
            .where(second_factors.c.account_id == account_id)
            .where(or_(second_factors.c.used_step.is_(None), second_factors.c.used_step < step))
            .values(used_step=step)
        )
        with write_transaction(self._engine) as connection:
            return connection.execute(change).rowcount == 1

    def use_code(self, account_id: str, code: str) -> bool:
        """Use up a recovery code. False if the code is wrong or used."""
        which = delete(recovery_codes).filter_by(account_id=account_id, hash=hash_secret(code))
        with write_transaction(self._engine) as connection:
            return connection.execute(which).rowcount == 1

    def codes_left(self, account_id: str) -> int:
        """How many recovery codes are unused."""
        query = select(func.count()).select_from(recovery_codes).filter_by(account_id=account_id)
        with read_connection(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def remove(self, account_id: str) -> bool:
        """Remove the second factor and its recovery codes. False if the account has none."""
        with write_transaction(self._engine) as connection:
            return _remove(connection, account_id)


def _factor(row: RowMapping) -> SecondFactor:
    return SecondFactor(row["secret"], row["confirmed_at"] is not None)


def _remove(connection: Connection, account_id: str) -> bool:
    connection.execute(delete(recovery_codes).filter_by(account_id=account_id))
    return connection.execute(delete(second_factors).filter_by(account_id=account_id)).rowcount == 1


def _replace_codes(connection: Connection, account_id: str, codes: Iterable[str]) -> None:
    rows = [{"account_id": account_id, "hash": hash_secret(code)} for code in codes]
    lock_account(connection, account_id)
    connection.execute(delete(recovery_codes).filter_by(account_id=account_id))
    connection.execute(insert(recovery_codes), rows)
