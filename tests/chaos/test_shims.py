"""The shims of the chaos runs work: a shifted clock does not change sleeps, and unsynced writes are lost."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.shims import ShiftedClocks, UnsyncedWrites, build_shim

_DAY = 86_400.0


def _run(program: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", program, "-m workers"]
    ended = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    return ended.stdout


@pytest.mark.parametrize("shift", [_DAY, -3600.0])
def test_a_shifted_clock_does_not_change_sleeps_and_waits(tmp_path: Path, shift: float) -> None:
    clocks = ShiftedClocks(tmp_path / "clocks", roles=("one", "other"))
    clocks.shift("one", shift)
    environment = {"LD_PRELOAD": str(build_shim("clock", tmp_path)), "GAVEL_CHAOS_CLOCK": str(clocks.folder)}
    program = (
        "import time, threading; begun = time.monotonic(); time.sleep(0.05); threading.Event().wait(0.05); "
        "print(time.time(), time.monotonic() - begun)"
    )
    for role, expected in (("one", shift), ("other", 0.0)):
        now, slept = map(float, _run(program, environment | {"GAVEL_WORKER_NAME": role}).split())
        assert now - time.time() == pytest.approx(expected, abs=30)
        assert 0.1 <= slept < 30


class Data:
    """A folder on which the power shim works. The undo journals of its unsynced writes are in another
    folder."""

    def __init__(self, folder: Path, beside: Path) -> None:
        self.folder = folder
        self.unsynced = UnsyncedWrites(beside / "writes")
        self._environment = {
            "LD_PRELOAD": str(build_shim("power", beside)),
            "GAVEL_CHAOS_WRITES": str(self.unsynced.folder),
            "GAVEL_CHAOS_DATA": str(folder),
        }

    def run(self, program: str) -> None:
        _run(f"import os; os.chdir({str(self.folder)!r})\n{program}", self._environment)

    def cut_power(self, seed: int = 1) -> list[str]:
        return self.unsynced.cut_power(self.folder, random.Random(seed))


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Data]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        assert Path(name).stat().st_dev != tmp_path.stat().st_dev
        yield Data(Path(name), tmp_path)


def test_after_a_power_cut_synced_writes_stay_and_other_writes_are_lost(data: Data) -> None:
    data.run(
        "kept = open('kept', 'wb'); kept.write(b'first'); kept.flush(); os.fsync(kept.fileno())\n"
        "kept.write(b' second'); kept.close()\n"
        "open('lost', 'wb').write(b'never synced')\n"
    )
    assert data.cut_power() == ["kept", "lost"]
    assert (data.folder / "kept").read_bytes() == b"first"
    assert (data.folder / "lost").read_bytes() == b""


def test_the_power_shim_also_records_a_child_process_with_an_empty_environment(data: Data) -> None:
    child = "import os; f = open('kept', 'wb'); f.write(b'x'); f.flush(); os.fsync(f.fileno())"
    data.run(
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], env={{}}, check=True)"
    )
    assert data.cut_power() == []


def test_a_file_made_without_the_power_shim_is_lost_unless_it_was_synced(data: Data) -> None:
    (data.folder / "lost").write_bytes(b"x" * 9)
    (data.folder / "kept").write_bytes(b"x" * 9)
    data.run("os.fsync(os.open('kept', os.O_RDONLY))")
    assert data.cut_power() == ["lost"]
    assert (data.folder / "lost").read_bytes() in (b"", bytes(9))


def test_writes_that_were_synced_before_a_power_cut_survive_a_second_power_cut(data: Data) -> None:
    data.run(
        "f = open('kept', 'wb'); f.write(b'x'); f.flush(); os.fsync(f.fileno())\n"
        "open('lost', 'wb').write(b'x')"
    )
    assert data.cut_power() == ["lost"]
    data.run("open('later', 'wb').write(b'x')")
    assert data.cut_power() == ["later"]
    assert (data.folder / "kept").read_bytes() == b"x"


@pytest.mark.parametrize("mode", ["FULL", "OFF"])
def test_a_database_keeps_its_commits_after_a_power_cut_only_if_it_syncs(data: Data, mode: str) -> None:
    data.run(
        "import sqlite3; db = sqlite3.connect('db', isolation_level=None)\n"
        f"db.execute('PRAGMA journal_mode=WAL'); db.execute('PRAGMA synchronous={mode}')\n"
        "db.execute('CREATE TABLE t (n)')\n"
        "for n in range(50): db.execute('INSERT INTO t VALUES (?)', (n,))\n"
        "os._exit(0)"
    )
    data.cut_power()
    database = sqlite3.connect(data.folder / "db")
    try:
        (found,) = database.execute("SELECT count(*) FROM t").fetchone()
    except sqlite3.DatabaseError:
        found = 0
    finally:
        database.close()
    assert found == 50 if mode == "FULL" else found < 50


WRITES = """
from sqlalchemy import text
from judge_api.store.engine import open_engine, write_transaction
engine = open_engine("sqlite:///" + os.path.abspath("db"))
def write(statement, durable):
    with write_transaction(engine, durable=durable) as connection:
        connection.execute(text(statement))
write("CREATE TABLE t (n)", True)
for n in range(50):
    write(f"INSERT INTO t VALUES ({n})", False)
"""


@pytest.mark.parametrize("is_followed", [True, False])
def test_writes_without_a_sync_are_kept_if_a_later_write_was_synced(data: Data, is_followed: bool) -> None:
    last = "write('INSERT INTO t VALUES (50)', True)\n" if is_followed else ""
    data.run(f"{WRITES}{last}os._exit(0)")
    data.cut_power()
    database = sqlite3.connect(data.folder / "db")
    (found,) = database.execute("SELECT count(*) FROM t").fetchone()
    database.close()
    assert found == 51 if is_followed else found < 50
