"""Starts a stack on many hosts: the main server on one host, and workers on the others."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import requests
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine

from gavel_client import Gavel
from judge_api.store.accounts import AccountStore
from judge_api.store.engine import open_engine
from judge_api.store.migrate import migrate
from judge_api.store.problems import ProblemStore, problem_row
from judge_core.model.account import Role
from judge_core.model.tiers import DEFAULT_TIERS
from judge_core.packages import PackageStore
from judge_core.redis.worker_registry import WorkerRegistry
from tests.netns.network import Host
from tests.network.waiting import until
from tests.support.redis_server import redis_binary
from tests.support.redis_users import render_users

ROOT = Path(__file__).parents[2]
TOKEN, SECRET, PASSWORD = "t" * 40, "s" * 40, "p" * 40
LEASE_SECONDS = 5.0
PROBLEMS = ("aplusb", "pairsum")
FIRST_SLOT = 60
"""Slots belong to a machine, and the hosts of the virtual network are one machine."""


@dataclass(frozen=True)
class WorkerSlot:
    """A worker's host and slot. The workers of a host share its cache."""

    host: Host
    slot: int


@dataclass
class ManyHostStack:
    """A stack: its processes, its store, and the API keys of its accounts."""

    folder: Path
    main: Host
    engine: Engine
    keys: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://{self.main.address}:8000"

    def redis_url(self, user: str, password: str = PASSWORD) -> str:
        return f"redis://{user}:{password}@{self.main.address}:6379/0"

    @property
    def log(self) -> Path:
        return self.folder / "access.log"

    def client(self, tier: str = "normal") -> Gavel:
        return Gavel(self.url, self.keys[tier])

    def start(self, name: str, argv: Sequence[str | Path], environment: dict[str, str]) -> None:
        common = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "GAVEL_LOG_FORMAT": "json"}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*map(str, argv)], env=common | environment, cwd=ROOT, stdout=log, stderr=log
            )

    def worker_environment(self, slot: WorkerSlot, **changed: str) -> dict[str, str]:
        return {
            "GAVEL_REDIS_URL": self.redis_url("worker-normal"),
            "GAVEL_SERVER_URL": self.url,
            "GAVEL_WORKER_TOKEN": TOKEN,
            "GAVEL_CACHE": str(self.folder / f"cache-{slot.host.name}"),
            "GAVEL_SLOT": str(slot.slot),
            "GAVEL_WORKER_NAME": f"{slot.host.name}-{slot.slot}",
            "GAVEL_LEASE_SECONDS": str(LEASE_SECONDS),
            **changed,
        }

    def start_worker(self, slot: WorkerSlot) -> None:
        argv = slot.host.command([sys.executable, "-m", "workers", "--queue", "normal"])
        self.start(f"worker-{slot.slot}", argv, self.worker_environment(slot))

    def fetches(self) -> list[str]:
        """Every download of a package, as ``address hash``."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        sent = [line for line in lines if '" 200 ' in line or '" 206 ' in line]
        wanted = [line for line in sent if "GET /internal/packages/" in line and "time-limit" not in line]
        return [f"{line.split()[0]} {line.split('/internal/packages/')[1].split()[0]}" for line in wanted]

    def end(self) -> None:
        for process in reversed(self.processes.values()):
            process.send_signal(signal.SIGTERM)
        for process in reversed(self.processes.values()):
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.engine.dispose()


@contextlib.contextmanager
def many_host_stack(folder: Path, main: Host, slots: Sequence[WorkerSlot]) -> Iterator[ManyHostStack]:
    """Runs the whole stack during the block. Every worker has registered. The caller must be on the host
    ``main``."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = open_engine(f"sqlite:///{folder / 'data' / 'gavel.db'}")
    stack = ManyHostStack(folder, main, engine)
    try:
        _fill_store(stack)
        _start_main_server(stack)
        for slot in slots:
            stack.start_worker(slot)
        worker_registry = WorkerRegistry(stack.redis_url("server"))
        until(lambda: len(worker_registry.workers()) == len(slots), "the workers register", 400)
        yield stack
    finally:
        stack.end()


def _fill_store(stack: ManyHostStack) -> None:
    migrate(stack.engine)
    accounts = AccountStore(stack.engine)
    for tier in DEFAULT_TIERS:
        account = accounts.add(tier.value, tier, Role.ADMIN)
        stack.keys[tier.value] = accounts.issue_key(account.id, "test")[1]
    library = PackageStore(stack.folder / "data" / "packages")
    for slug in PROBLEMS:
        ProblemStore(stack.engine).put(problem_row(library.add_folder(ROOT / "problems" / slug), None))


def _start_main_server(stack: ManyHostStack) -> None:
    acl = stack.folder / "users.acl"
    acl.write_text(render_users(PASSWORD, {tier.value: tier for tier in DEFAULT_TIERS}))
    redis = [redis_binary(), "--bind", "0.0.0.0", "--dir", str(stack.folder), "--aclfile", str(acl)]
    stack.start("redis", [*redis, "--appendonly", "yes", "--save", ""], {})
    until(lambda: _answers(stack.redis_url("server")), "Redis answers", 20)
    environment = {
        "GAVEL_DATA": str(stack.folder / "data"),
        "GAVEL_REDIS_URL": stack.redis_url("server"),
        "GAVEL_HOST": "0.0.0.0",
        "GAVEL_PUBLIC_URL": stack.url,
        "GAVEL_SECRET_KEY": SECRET,
        "GAVEL_WORKER_TOKEN": TOKEN,
        "GAVEL_LEASE_SECONDS": str(LEASE_SECONDS),
        "GAVEL_MAX_UNFINISHED": "1000",
    }
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:judge_api.gunicorn_conf"]
    stack.start("api", [*gunicorn, "--access-logfile", stack.log, "judge_api.wsgi:app"], environment)
    stack.start("dispatcher", [sys.executable, "-m", "judge_api.dispatcher"], environment)
    until(lambda: requests.get(f"{stack.url}/healthz", timeout=2).ok, "the API answers", 60)


def _answers(url: str) -> bool:
    try:
        return bool(Redis.from_url(url, socket_timeout=2).ping())
    except RedisError:
        return False
