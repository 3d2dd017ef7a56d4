"""The one row that says whether the judge is under maintenance."""

from __future__ import annotations

from sqlalchemy import Engine, delete, insert, select

from judge_api.store.compiled_statements import CompiledStatement
from judge_api.store.engine import read_connection, write_transaction
from judge_api.store.tables import maintenance
from judge_core.clock import utc_now_ms
from judge_core.model.maintenance import Maintenance, MaintenanceMode

# Compiled once, because each process reads it every second.
_READ = CompiledStatement(select(maintenance))


class MaintenanceStore:
    """Reads and writes the row of the maintenance mode. Every method may raise ``StoreUnavailable``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self) -> Maintenance:
        """The state now. A mode of a later release counts as ``HOLD``, which refuses nothing and loses
        nothing."""
        with read_connection(self._engine) as connection:
            row = _READ.one(connection, {})
        if row is None:
            return Maintenance()
        known = row["mode"] in [mode.value for mode in MaintenanceMode]
        mode = MaintenanceMode(row["mode"]) if known else MaintenanceMode.HOLD
        return Maintenance(mode, row["message"], row["until"], row["since"])

    def write(self, new: Maintenance) -> Maintenance:
        """Replace the state."""
        values = {"mode": new.mode.value, "message": new.message, "until": new.until, "since": utc_now_ms()}
        with write_transaction(self._engine) as connection:
            connection.execute(delete(maintenance))
            connection.execute(insert(maintenance).values(id=1, **values))
        return self.read()
