"""While another process holds SQLite's write lock for long, other requests go on. The wait for the lock is
limited."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from judge_api.store.engine import open_engine, write_transaction
from judge_core.model.errors import StoreUnavailable

_GREENLETS = """
import gevent.monkey; gevent.monkey.patch_all()
import sqlite3, sys
import gevent
from judge_api.store.engine import open_engine, write_transaction

engine = open_engine(f"sqlite:///{sys.argv[1]}")
with write_transaction(engine) as connection:
    connection.exec_driver_sql("CREATE TABLE t (x)")
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")

def write():
    with write_transaction(engine) as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")

writer = gevent.spawn(write)
for _ in range(60):
    gevent.sleep(0.005)  # comes back only if the writer lets others run
other.execute("COMMIT")
writer.get()
print("written")
"""


def test_other_greenlets_of_a_process_run_while_a_greenlet_waits_for_the_write_lock(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _GREENLETS, str(tmp_path / "gavel.db")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.stdout == "written\n", ran.stderr


def test_a_write_that_waits_too_long_for_the_lock_fails_and_the_next_write_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("judge_api.store.engine._BUSY_MS", 300)
    engine = open_engine(f"sqlite:///{tmp_path}/gavel.db")
    with write_transaction(engine) as connection:
        connection.execute(text("CREATE TABLE t (x)"))
    other = sqlite3.connect(tmp_path / "gavel.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"), write_transaction(engine):
        pass
    other.execute("COMMIT")
    with write_transaction(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
    assert other.execute("SELECT count(*) FROM t").fetchone() == (1,)
    other.close()
    engine.dispose()
