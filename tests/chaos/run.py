"""The chaos run posts programs to a whole stack, while faults kill and stop its processes and empty Redis.

``python -m tests.chaos.run --submissions 504 --faults 30 --seed 1`` prints a table. First each program is
judged once undisturbed. At the end every submission that was answered with 202 must have exactly one recorded
verdict, the same as in the undisturbed run. Nothing of the stack may be left on the host.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from sqlalchemy import Engine

from gavel_client import Gavel
from judge_api.store.engine import open_engine
from judge_core.model.errors import StoreUnavailable
from judge_core.redis.keys import NO_WORKER, lease_key
from tests.chaos.checks import (
    ChaosResult,
    Injection,
    count_open,
    find_leftovers,
    find_wrong_verdicts,
    host_state,
    print_table,
    read_states,
    rows_by_fault,
)
from tests.chaos.database import open_database
from tests.chaos.faults import QUICK, SLOW, fill_disk
from tests.chaos.stack import PROGRAMS, Stack, stack_up

_SETTLE_SECONDS = 300
_GONE_SECONDS = 120
_DISK_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class Plan:
    """The settings of one chaos run. The seed decides programs, faults and pauses."""

    submissions: int
    faults: int
    seed: int
    clients: int = 8
    postgres: bool = False
    slow: bool = True
    pauses: tuple[float, float] = (0.2, 1.6)
    """The least and the most seconds between two posts of one client."""
    later_pauses: tuple[float, float] = (0.2, 1.6)
    """The same for the submissions that a client posts beyond its share."""
    exact: bool = False
    """Post exactly ``submissions``, even if the faults last longer."""


@dataclass
class Expected:
    """The verdict that each accepted submission must get, by its id."""

    accepted: dict[str, str] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    undisturbed: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)
    broken: threading.Event = field(default_factory=threading.Event)
    """Set if the run itself has failed. Then the clients end."""

    def record(self, id: str, program: str) -> None:
        with self.lock:
            self.accepted[id] = self.undisturbed[program]


def judge_undisturbed(stack: Stack) -> dict[str, str]:
    """The verdict of each program while there is no fault."""
    credentials = json.loads((stack.data / "credentials.json").read_text())
    gavel = Gavel(stack.url, credentials["accounts"]["normal"]["key"])
    undisturbed = {}
    for name, (language, source) in PROGRAMS.items():
        verdict = gavel.wait(gavel.submit("aplusb", language, source).id).verdict
        assert verdict is not None, f"{name} has no verdict in the undisturbed run"
        undisturbed[name] = str(verdict)
    return undisturbed


def post_share(stack: Stack, expected: Expected, plan: Plan, client: int) -> None:
    """Post the submissions of one client.

    The client posts more than its share while faults go on, so that no fault happens to an idle stack. A
    submission that is not answered with 202 is posted again.
    """
    rng = random.Random(plan.seed * 1000 + client)
    credentials = json.loads((stack.data / "credentials.json").read_text())
    share = plan.submissions // plan.clients
    for number in itertools.count():
        is_enough = number >= share and (plan.exact or expected.over.is_set())
        if is_enough or expected.broken.is_set():
            return
        tier = rng.choice(("normal", "premium"))
        program = rng.choice(sorted(PROGRAMS))
        headers = {"Authorization": f"Bearer {credentials['accounts'][tier]['key']}"}
        _post_until_promised(stack, headers, expected, program)
        time.sleep(rng.uniform(*(plan.pauses if number < share else plan.later_pauses)))


def _post_until_promised(stack: Stack, headers: dict[str, str], expected: Expected, program: str) -> None:
    language, source = PROGRAMS[program]
    while not expected.broken.is_set():
        body = {"problem": stack.problems[-1], "language": language, "source": source}
        try:
            answer = requests.post(f"{stack.url}/submissions", json=body, headers=headers, timeout=20)
        except requests.RequestException as away:
            expected.refused[type(away).__name__] += 1
        else:
            if answer.status_code == 202:
                expected.record(answer.json()["id"], program)
                return
            expected.refused[str(answer.status_code)] += 1
        time.sleep(0.3)


_BEING_REPLACED = (LookupError, OSError, RedisError, ValueError)
"""The errors of a fault whose process, record or socket does not exist at that moment."""


def inject_faults(stack: Stack, plan: Plan, own_disk: bool) -> list[Injection]:
    """Cause the faults one by one, in an order that the seed decides. Returns their times."""
    rng = random.Random(plan.seed)
    slow = [fault for fault in SLOW if own_disk or fault is not fill_disk]
    injections: list[Injection] = []
    last = datetime.now(UTC)
    while len(injections) < plan.faults:
        every_fifth = plan.slow and len(injections) % 5 == 4
        fault = slow[len(injections) // 5 % len(slow)] if every_fifth else rng.choice(QUICK)
        began = datetime.now(UTC)
        try:
            fault(stack, rng)
        except _BEING_REPLACED as missing:  # try again soon, when the process has been replaced
            if (datetime.now(UTC) - last).total_seconds() > _GONE_SECONDS:
                raise TimeoutError("the stack does not come back") from missing
            time.sleep(0.2)
            continue
        last = datetime.now(UTC)
        injections.append(Injection(fault.__name__.replace("_", " "), began, last))
        time.sleep(rng.uniform(0.5, 3.0))
    return injections


def run_chaos(plan: Plan, folder: Path, own_disk: bool = False) -> ChaosResult:
    """Run the clients and the faults, then check every accepted submission and what is left on the host."""
    data = folder / "data"
    before = host_state()
    with open_database(data, plan.postgres) as database:
        with stack_up(Stack(data, database)) as stack:
            expected = Expected(undisturbed=judge_undisturbed(stack))
            injections = _run_clients_and_faults(stack, plan, expected, own_disk)
            begun = time.monotonic()
            engine = open_engine(database.url)
            await_settled(engine)
            settled = round(time.monotonic() - begun, 1)
            held = _leases(stack)
        states = read_states(engine)
        engine.dispose()
    return ChaosResult(
        accepted=len(expected.accepted),
        lost=sum(id not in states or not states[id].ending.startswith("DONE") for id in expected.accepted),
        doubled=sum(state.records > 1 for state in states.values()),
        wrong=find_wrong_verdicts(expected.accepted, states),
        second_attempts=sum(state.attempt > 1 for state in states.values()),
        settled_seconds=settled,
        rows=rows_by_fault(injections, states),
        left=[*held, *find_leftovers(data, before)],
    )


def _run_clients_and_faults(stack: Stack, plan: Plan, expected: Expected, own_disk: bool) -> list[Injection]:
    clients = [
        threading.Thread(target=post_share, args=(stack, expected, plan, n)) for n in range(plan.clients)
    ]
    for client in clients:
        client.start()
    try:
        injections = inject_faults(stack, plan, own_disk)
    except BaseException:
        expected.broken.set()
        raise
    finally:
        expected.over.set()
    for client in clients:
        client.join()
    return injections


def await_settled(engine: Engine) -> None:
    """Wait until no submission is open, up to a limit."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(StoreUnavailable):
            if count_open(engine) == 0:
                return
        time.sleep(0.2)


def _leases(stack: Stack) -> list[str]:
    """Wait until no worker holds a lease, up to a limit. Returns the leases that are left.

    The lease of an attempt that has just ended is deleted a moment later. If the last fault killed Redis,
    the new Redis needs a moment too. The lease of a revoked attempt does not count: it stays for ten minutes.
    """
    deadline = time.monotonic() + 30
    keys = ["Redis did not come back"]
    while keys and time.monotonic() < deadline:
        with contextlib.suppress(RedisConnectionError):
            redis = stack.redis()
            found: dict[bytes, Any] = {key: redis.get(key) for key in redis.scan_iter(lease_key("*"))}
            keys = [f"lease {key.decode()}: {lease!r}" for key, lease in found.items() if _is_held(lease)]
        time.sleep(0.2 if keys else 0)
    return keys


def _is_held(lease: bytes | None) -> bool:
    return lease is not None and not lease.endswith(f":{NO_WORKER}".encode())


@contextmanager
def own_file_system(folder: Path) -> Iterator[bool]:
    """Mounts a small file system on the folder during the block, if this process may. Yields whether it
    did."""
    if os.geteuid() != 0:
        yield False
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "gavel-chaos", folder], check=True)
    try:
        yield True
    finally:
        subprocess.run(["umount", folder], check=True)


def main() -> int:
    """Print the table as Markdown. Fails if a submission was lost, recorded twice or wrong, or if something
    is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--submissions", type=int, default=504, help="the submissions that 8 clients post in all"
    )
    parser.add_argument(
        "--faults", type=int, default=30, help="the faults that are caused meanwhile, one by one"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="the seed that decides programs, faults and pauses"
    )
    parser.add_argument("--postgres", action="store_true", help="use a PostgreSQL server instead of SQLite")
    chosen = parser.parse_args()
    plan = Plan(chosen.submissions, chosen.faults, chosen.seed, postgres=chosen.postgres)
    with tempfile.TemporaryDirectory(prefix="chaos-") as name, own_file_system(Path(name)) as own_disk:
        Path(name).chmod(0o755)
        result = run_chaos(plan, Path(name), own_disk)
        if not result.kept and (keep := os.environ.get("CHAOS_KEEP")):
            shutil.copytree(name, keep, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock", "cache"))
    print(f"seed {plan.seed}, {'PostgreSQL' if plan.postgres else 'SQLite'}:", end=" ")
    print_table(result)
    return 0 if result.kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
