"""Faults in a whole stack: programs are posted while its processes are killed, hung and emptied.

``python -m tests.chaos.run --submissions 504 --faults 30 --seed 1`` prints a table. First each program is
judged once in quiet; afterwards every submission that was answered with 202 must have exactly one recorded
verdict, that of the quiet run, and nothing of the stack may be left on the host.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import requests

from gavel_client import Gavel
from judge_api.store.engine import open_engine
from judge_core.model.errors import StoreUnavailable
from judge_core.redis.keys import lease_key
from tests.chaos.checks import (
    Aftermath,
    Strike,
    count_open,
    name_left,
    name_wrong,
    print_table,
    read_fates,
    survey,
    tabulate,
)
from tests.chaos.database import open_database
from tests.chaos.faults import QUICK, SLOW, Stack, fill_disk

PROGRAMS = {
    "AC": ("python3", "print(sum(map(int, input().split())))"),
    "AC, compiled": (
        "cpp20",
        '#include <cstdio>\nint main(){long long a,b;scanf("%lld%lld",&a,&b);printf("%lld",a+b);}',
    ),
    "WA": ("python3", "print(-1)"),
    "RTE": ("python3", "raise SystemExit(3)"),
    "CE": ("cpp20", "int main() { return nothing; }"),
}
_SETTLE_SECONDS = 300
_GONE_SECONDS = 120
_DISK_BYTES = 2 << 30


@dataclass(frozen=True, slots=True)
class Plan:
    """One storm; the seed decides programs, faults and pauses."""

    submissions: int
    faults: int
    seed: int
    clients: int = 8
    postgres: bool = False
    slow: bool = True
    exact: bool = False
    """Post just so many, however long the storm lasts."""


@dataclass
class Ledger:
    """The verdict that each accepted submission must get: id to the verdict of the quiet run."""

    promised: dict[str, str] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    quiet: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)
    broken: threading.Event = field(default_factory=threading.Event)
    """The storm itself failed: nobody waits for a stack that is gone."""

    def promise(self, id: str, program: str) -> None:
        with self.lock:
            self.promised[id] = self.quiet[program]


@contextmanager
def stack_up(stack: Stack) -> Iterator[Stack]:
    """`gavel up` on a free port with a worker of each tier, ended afterwards."""
    environment = os.environ | {"GAVEL_MAX_UNFINISHED": "5000", "GAVEL_DATABASE_URL": stack.database.url}
    command = [sys.executable, "-m", "judge_api", "up", "--port", "0", "--data", str(stack.data)]
    with (stack.data.parent / "storm.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--workers", "normal=1,premium=1"], env=environment, stdout=log, stderr=log
        )
    try:
        _await_ready(stack.data)
        yield stack
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


def _await_ready(data: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            url = json.loads((data / "credentials.json").read_text())["url"]
            if requests.get(f"{url}/readyz", timeout=5).status_code == 200:
                return
        except (OSError, ValueError):
            pass
        time.sleep(0.2)
    raise TimeoutError("the stack did not become ready")


def judge_in_quiet(stack: Stack) -> dict[str, str]:
    """Each program's verdict with nothing going wrong."""
    credentials = json.loads((stack.data / "credentials.json").read_text())
    gavel = Gavel(credentials["url"], credentials["accounts"]["normal"]["key"])
    quiet = {}
    for name, (language, source) in PROGRAMS.items():
        verdict = gavel.wait(gavel.submit("aplusb", language, source).id).verdict
        assert verdict is not None, f"{name} has no verdict in quiet"
        quiet[name] = str(verdict)
    return quiet


def post_share(stack: Stack, ledger: Ledger, plan: Plan, client: int) -> None:
    """One client's submissions, and more for as long as the storm lasts: no fault strikes an idle stack.

    Whatever is not answered with 202 was never promised and is posted again.
    """
    dice = random.Random(plan.seed * 1000 + client)
    credentials = json.loads((stack.data / "credentials.json").read_text())
    share = plan.submissions // plan.clients
    for number in itertools.count():
        is_enough = number >= share and (plan.exact or ledger.over.is_set())
        if is_enough or ledger.broken.is_set():
            return
        tier = dice.choice(("normal", "premium"))
        program = dice.choice(sorted(PROGRAMS))
        headers = {"Authorization": f"Bearer {credentials['accounts'][tier]['key']}"}
        _post_until_promised(stack, headers, ledger, program)
        time.sleep(dice.uniform(0.2, 1.6))


def _post_until_promised(stack: Stack, headers: dict[str, str], ledger: Ledger, program: str) -> None:
    language, source = PROGRAMS[program]
    url = json.loads((stack.data / "credentials.json").read_text())["url"]
    while not ledger.broken.is_set():
        body = {"problem": stack.problems[-1], "language": language, "source": source}
        try:
            answer = requests.post(f"{url}/submissions", json=body, headers=headers, timeout=20)
        except requests.RequestException as away:
            ledger.refused[type(away).__name__] += 1
        else:
            if answer.status_code == 202:
                ledger.promise(answer.json()["id"], program)
                return
            ledger.refused[str(answer.status_code)] += 1
        time.sleep(0.3)


def rage(stack: Stack, plan: Plan, own_disk: bool) -> list[Strike]:
    """The faults, one after the other, in the seed's order."""
    dice = random.Random(plan.seed)
    slow = [fault for fault in SLOW if own_disk or fault is not fill_disk]
    strikes: list[Strike] = []
    last = datetime.now(UTC)
    while len(strikes) < plan.faults:
        every_fifth = plan.slow and len(strikes) % 5 == 4
        fault = slow[len(strikes) // 5 % len(slow)] if every_fifth else dice.choice(QUICK)
        began = datetime.now(UTC)
        try:
            fault(stack, dice)
        except (LookupError, OSError, ValueError) as missing:  # it was being replaced: hit what is there next
            if (datetime.now(UTC) - last).total_seconds() > _GONE_SECONDS:
                raise TimeoutError("the stack does not come back") from missing
            time.sleep(0.2)
            continue
        last = datetime.now(UTC)
        strikes.append(Strike(fault.__name__.replace("_", " "), began, last))
        time.sleep(dice.uniform(0.5, 3.0))
    return strikes


def weather(plan: Plan, folder: Path, own_disk: bool = False) -> Aftermath:
    """The whole storm, and what is left of the stack's promises after it."""
    data = folder / "data"
    before = survey()
    with open_database(data, plan.postgres) as database:
        with stack_up(Stack(data, database)) as stack:
            ledger = Ledger(quiet=judge_in_quiet(stack))
            strikes = _rain(stack, plan, ledger, own_disk)
            begun = time.monotonic()
            engine = open_engine(database.url)
            _await_settled(lambda: count_open(engine) == 0)
            settled = round(time.monotonic() - begun, 1)
            held = _leases(stack)
        fates = read_fates(engine)
        engine.dispose()
    return Aftermath(
        promised=len(ledger.promised),
        lost=sum(id not in fates or not fates[id].ending.startswith("DONE") for id in ledger.promised),
        doubled=sum(fate.records > 1 for fate in fates.values()),
        wrong=name_wrong(ledger.promised, fates),
        second_attempts=sum(fate.attempt > 1 for fate in fates.values()),
        settled_seconds=settled,
        rows=tabulate(strikes, fates),
        left=[*held, *name_left(data, before)],
    )


def _rain(stack: Stack, plan: Plan, ledger: Ledger, own_disk: bool) -> list[Strike]:
    clients = [
        threading.Thread(target=post_share, args=(stack, ledger, plan, n)) for n in range(plan.clients)
    ]
    for client in clients:
        client.start()
    try:
        strikes = rage(stack, plan, own_disk)
    except BaseException:
        ledger.broken.set()
        raise
    finally:
        ledger.over.set()
    for client in clients:
        client.join()
    return strikes


def _await_settled(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(StoreUnavailable):
            if is_so():
                return
        time.sleep(0.2)


def _leases(stack: Stack) -> list[str]:
    """Leases that outlive the last verdict; the ones just ended have a moment to go."""
    deadline = time.monotonic() + 30
    while (keys := list(stack.redis().scan_iter(lease_key("*")))) and time.monotonic() < deadline:
        time.sleep(0.2)
    return [f"lease {key.decode()}" for key in keys]


@contextmanager
def disk_of_its_own(folder: Path) -> Iterator[bool]:
    """A small file system for the data folder, where we may mount one; else the folder as it is."""
    if os.geteuid() != 0:
        yield False
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "storm", folder], check=True)
    try:
        yield True
    finally:
        subprocess.run(["umount", folder], check=True)


def main() -> int:
    """Prints the table as Markdown; fails when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=504, help="posted in all, by 8 clients")
    parser.add_argument("--faults", type=int, default=30, help="done one after the other meanwhile")
    parser.add_argument("--seed", type=int, default=1, help="decides programs, faults and pauses")
    parser.add_argument("--postgres", action="store_true", help="a PostgreSQL of its own, not SQLite")
    chosen = parser.parse_args()
    plan = Plan(chosen.submissions, chosen.faults, chosen.seed, postgres=chosen.postgres)
    with tempfile.TemporaryDirectory(prefix="storm-") as name, disk_of_its_own(Path(name)) as own_disk:
        Path(name).chmod(0o755)
        after = weather(plan, Path(name), own_disk)
        if not after.kept and (keep := os.environ.get("STORM_KEEP")):
            shutil.copytree(name, keep, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock", "cache"))
    print(f"seed {plan.seed}, {'PostgreSQL' if plan.postgres else 'SQLite'}:", end=" ")
    print_table(after)
    return 0 if after.kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
