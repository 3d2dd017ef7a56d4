"""Records that no process of this release writes: odd bytes, odd rows, and records of other releases."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from judge_api.dispatch.redis_key_check import KEY_TYPES as SHARED_KEY_TYPES
from judge_api.dispatch.redis_key_check import _queue_key_types
from judge_core.messages import VERSION
from judge_core.model.account import Tier
from judge_core.model.submission import Verdict
from judge_core.redis.keys import (
    REPORTS_STREAM,
    WORKERS_SET,
    worker_command_key,
    worker_key,
)
from tests.support.records import SIGNER, finished, live_of

if TYPE_CHECKING:
    from tests.simulation.world import World

LATER_VERSION = VERSION + 98
_ODD = (b"\xff\xfe", b"not json", b"{", b"1e999", b"", b"\x00" * 40, b'{"id": 5}', b"gavel:x:1")
POOL_QUEUE = "normal.jvm"
"""The queue of the pool that one of the workers is in."""
KEY_TYPES = {**SHARED_KEY_TYPES, **_queue_key_types([POOL_QUEUE])}
_QUEUES = ("rq:queue:normal", "rq:queue:premium", f"rq:queue:{POOL_QUEUE}", "rq:queue:normal:intermediate")
_NOT_UTF_8 = "CAST(x'61ff62' AS TEXT)"
ODD_VALUES = (
    *(("submissions", "run", value) for value in ("'[1]'", "'{\"'", _NOT_UTF_8, "x'00ff'")),
    *(("submissions", column, "'not a time'") for column in ("queued_at", "submitted_at")),
    *(("submissions", column, "'odd'") for column in ("kind", "tests_done")),
    ("submissions", "tests", "'{'"),
    *(
        ("submissions", column, value)
        for column in ("language", "package_hash", "problem", "tier", "kind", "queued_at")
        for value in (_NOT_UTF_8, "x'00ff'")
    ),
    *(("submissions", column, _NOT_UTF_8) for column in ("body_hash", "compile_output", "reason", "sandbox")),
    ("submissions", "tier", "'no tier'"),
    ("outbox", "tier", "'no tier'"),
    ("outbox", "tries", "'some'"),
    ("outbox", "created_at", "'not a time'"),
)
"""Values in SQL that an operator's statement or a damaged file could put into a column, each unreadable."""
_STRANGE_WORKERS: tuple[dict[str, Any], ...] = (
    {"state": "hibernating", "gpus": 2, "version": LATER_VERSION},
    {"state": "idle", "queue": "express", "pool": {"name": "gpu"}},
)
"""Fields that a later release could write into a worker's record."""


class OddRecords:
    """The faults that leave a record which this release cannot read, or reads in part."""

    def __init__(self, world: World) -> None:
        self._world = world

    def _change_rows(self, statement: str, *values: object) -> None:
        """Change rows without Gavel's code, as an operator's SQL or another release would."""
        self._world.database.raw.execute(statement, values)
        self._world.invariants.check_rows()

    def odd_queue_entry(self, random: Random) -> None:
        """Add an entry to a queue that no main server would write."""
        self._world.redis.do("RPUSH", random.choice(_QUEUES), random.choice([odd for odd in _ODD if odd]))

    def odd_report(self, random: Random) -> None:
        """Add an entry to the stream of reports that is no report, or has no valid proof."""
        id = random.choice([*(self._open() or sorted(self._world.accepted)), "unknown"])
        report = finished(id, random.randint(1, 2), worker="normal-1-000001").dump().encode()
        attempt = random.choice([b"1", b"1e30", b"x"])
        content = random.choice([*_ODD, *[report] * 6, report.replace(b'"version":1', b'"version":99')])
        named = ("submission", random.choice([id.encode(), *_ODD]), "attempt", attempt)
        self._world.redis.do("XADD", REPORTS_STREAM, "*", *named, "report", content, "proof", b"forged")

    def forged_report(self, random: Random) -> None:
        """Send a false verdict for an attempt of an open submission, as a thief of one worker could. The
        report names the worker that has the lease, but has no valid proof of this attempt."""
        opened = [id for id in self._open() if id in self._world.accepted]
        if not opened:
            return
        id = random.choice(opened)
        attempt, true = self._world.invariants.rows[id].attempt, self._world.accepted[id].verdict
        verdict = random.choice([each for each in (Verdict.AC, Verdict.WA, Verdict.RTE) if each != true])
        lease = self._world.redis.data.peek(self._world.names.lease_key(id, attempt).encode())
        holder = lease.decode(errors="replace").partition(":")[2] if isinstance(lease, bytes) else ""
        report = finished(id, attempt, verdict, worker=holder if holder.isascii() and holder else "normal-1")
        others = (SIGNER.proof(id, attempt + 1), SIGNER.proof("0" * 32, attempt), b"forged", b"\xff")
        named = ("submission", id, "attempt", attempt, "report", report.dump())
        self._world.redis.do("XADD", REPORTS_STREAM, "*", *named, "proof", random.choice(others))

    def odd_lease_or_status(self, random: Random) -> None:
        """Write content of another kind into a lease or a live status."""
        if not self._world.accepted:
            return
        id = random.choice(sorted(self._world.accepted))
        attempt = self._world.invariants.rows[id].attempt if id in self._world.invariants.rows else 1
        key = random.choice([self._world.names.lease_key(id, attempt), live_of(id)])
        self._world.redis.do("SET", key, random.choice(_ODD), "PX", 20_000)
        self._world.forget_seen()

    def odd_key_type(self, random: Random) -> None:
        """Replace a key that all processes share by a value of another type."""
        key = random.choice(sorted(KEY_TYPES))
        self._world.redis.do("DEL", key)
        self._world.lost_a_queue |= key.startswith("rq:queue:")
        if KEY_TYPES[key] == "string":
            self._world.redis.do("RPUSH", key, random.choice(_ODD))
        else:
            self._world.redis.do("SET", key, random.choice(_ODD))
        self._world.forget_seen()

    def odd_worker(self, random: Random) -> None:
        """Write a worker's record or an operator's command that cannot be read."""
        name = random.choice(["normal-1-000001", "premium-1-000001", "worker\xff", "x" * 300])
        self._world.redis.do("SADD", WORKERS_SET, name)
        key = random.choice([worker_key(name), worker_command_key(name)])
        self._world.redis.do("SET", key, random.choice(_ODD), "PX", 20_000)

    def odd_row(self, random: Random) -> None:
        """Write a value that cannot be read into the row of an open submission or of the outbox."""
        table, column, value = random.choice(ODD_VALUES)
        if opened := self._open(table == "outbox"):
            id = random.choice(opened)
            self._world.damaged.add(id)
            key = "id" if table == "submissions" else "submission_id"
            self._world.kernel.note(f"row of {id[-6:]}: {table}.{column} = {value}")
            self._change_rows(f"UPDATE {table} SET {column} = {value} WHERE {key} = ?", id)

    def later_release(self, random: Random) -> None:
        """Write a record of a later release, which this release does not know yet."""
        self._one_of(random, self._later_report, self._later_job, self._later_worker, self._later_tier)

    def earlier_release(self, random: Random) -> None:
        """Write a record as release 0.2.0 does."""
        self._one_of(random, self._earlier_report, self._earlier_job, self._earlier_relay)

    @staticmethod
    def _one_of(random: Random, *kinds: Callable[[Random], None]) -> None:
        random.choice(kinds)(random)

    def _open(self, in_outbox: bool = False) -> list[str]:
        """The submissions that wait for a verdict, or for the relay."""
        rows = self._world.invariants.rows
        waiting = self._world.invariants.waiting
        return sorted(id for id, row in rows.items() if row.is_open and (not in_outbox or id in waiting))

    def _send_report(self, random: Random, text: Callable[[str, int, Verdict], bytes], proven: bool) -> None:
        """Send a report of the current attempt of an open submission, with its true verdict."""
        opened = [id for id in self._open() if id in self._world.accepted]
        if not opened:
            return
        id = random.choice(opened)
        attempt = self._world.invariants.rows[id].attempt
        report = text(id, attempt, self._world.accepted[id].verdict)
        named = ("submission", id, "attempt", attempt, "report", report)
        proof = ("proof", SIGNER.proof(id, attempt)) if proven else ()
        self._world.redis.do("XADD", REPORTS_STREAM, "*", *named, *proof)

    def _later_report(self, random: Random) -> None:
        """Send a report of a later release. It has the proof of its attempt, so the attempt is returned."""

        def text(id: str, attempt: int, verdict: Verdict) -> bytes:
            report = json.loads(finished(id, attempt, verdict, worker="normal-9-00ffff").dump())
            return json.dumps(report | {"version": LATER_VERSION, "energy_mj": 5}).encode()

        self._send_report(random, text, proven=True)

    def _earlier_report(self, random: Random) -> None:
        """Send a report of release 0.2.0. It has no proof, and lacks the fields that were added
        later."""

        def text(id: str, attempt: int, verdict: Verdict) -> bytes:
            report = json.loads(finished(id, attempt, verdict, worker="normal-9-00ffff").dump())
            later = ("package_at_fault", "package_unusable", "lacks_language", "timings", "started_at")
            return json.dumps({name: report[name] for name in report if name not in later}).encode()

        self._send_report(random, text, proven=False)

    def _change_job(self, random: Random, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Change the request of a random job to that of another release."""
        data = self._world.redis.data
        keys = sorted(key for key in data.values if key.startswith(b"rq:job:"))
        jobs = [key for key in keys if isinstance(data.peek(key), dict)]
        if not jobs:
            return
        job = data.values[random.choice(jobs)]
        raw = job.get(b"data", b"")
        call = json.loads(zlib.decompress(raw) if raw[:1] == b"\x78" else raw)
        request = change(json.loads(call[2][0]))
        job[b"data"] = json.dumps([*call[:2], [json.dumps(request)], *call[3:]]).encode()

    def _later_job(self, random: Random) -> None:
        self._change_job(random, lambda request: request | {"version": LATER_VERSION, "colour": "red"})

    def _earlier_job(self, random: Random) -> None:
        """Change a request to a request of release 0.2.0, which has no proof and lacks some fields
        that a worker copies into the progress."""
        later = ("proof", "ticket", "files", "show_test_names", "traceparent")
        self._change_job(
            random, lambda request: {name: request[name] for name in request if name not in later}
        )

    def _later_worker(self, random: Random) -> None:
        name = random.choice(["normal-7-00fffe", "premium-7-00fffe"])
        record = {"name": name, "queue": name.partition("-")[0], **random.choice(_STRANGE_WORKERS)}
        self._world.redis.do("SADD", WORKERS_SET, name)
        self._world.redis.do("SET", worker_key(name), json.dumps(record), "PX", 20_000)

    def _later_tier(self, random: Random) -> None:
        """Give a waiting submission a tier that only the later release defines. Gavel moves it to the tier
        ``normal``."""
        waiting = [id for id in self._open(True) if self._world.invariants.waiting[id].tier == Tier.NORMAL]
        if waiting:
            id = random.choice(waiting)
            self._change_rows("UPDATE submissions SET tier = 'express' WHERE id = ?", id)
            self._change_rows("UPDATE outbox SET tier = 'express' WHERE submission_id = ?", id)

    def _earlier_relay(self, random: Random) -> None:
        """Delete an outbox row, as a relay before migration 0011 does with rows that it has sent. This relay
        has died before it sent the job."""
        if waiting := self._open(in_outbox=True):
            self._change_rows("DELETE FROM outbox WHERE submission_id = ?", random.choice(waiting))
