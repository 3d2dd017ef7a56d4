"""The checks of `gavel doctor` on a main server: data folder, disks, database, Redis, clocks, port,
dispatcher, workers, compilers and versions."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from time import time
from typing import Any

import requests
from sqlalchemy import Engine
from urllib3.exceptions import InsecureRequestWarning

from judge_api.services.disk_space import DiskSpace
from judge_api.settings import Settings
from judge_api.store.engine import open_engine
from judge_api.store.migrate import schema_revisions
from judge_api.store.server_check import database_warnings
from judge_api.store.sqlite_backup import sqlite_file
from judge_api.store.write_check import WriteCheck
from judge_api.supervisor.data_folder import DataFolder, read_credentials
from judge_core.local_urls import url_of_listener
from judge_core.model.errors import QueueUnavailable, StoreUnavailable
from judge_core.model.json_records import InvalidField, parse_moment
from judge_core.model.routing import Routes
from judge_core.model.worker import WorkerRecord
from judge_core.redis.memory_check import redis_warnings
from judge_core.redis.worker_registry import WorkerRegistry

_REDIS_SECONDS = 2.0
_HTTP_SECONDS = 5.0
_MOST_SKEW_SECONDS = 2.0
_MOST_HEARTBEAT_SKEW = timedelta(seconds=15)
"""The greatest difference without a warning. A record expires within 11 s, so a smaller difference may be the
record's age."""
_MOST_SHOWN = 64
_REDIS_VARIABLE = "GAVEL_REDIS_URL"
_SET_CLOCK = "let NTP set the clocks of both hosts (`timedatectl set-ntp true`)"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. If there is a ``fix``, the check found a fault."""

    name: str
    text: str
    fix: str | None = None

    def to_line(self) -> str:
        """This finding as text: one line, and a second one with the fix.

        Control characters are escaped, since names from workers may have some.
        """
        text = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in self.text)
        return f"{self.name:<16} {text}" + (f"\n                 FIX: {self.fix}" if self.fix else "")


class InstallationCheck:
    """Checks the installation of one data folder. It repairs nothing."""

    def __init__(self, settings: Settings, variables: Sequence[str]) -> None:
        self._settings = settings
        self._folder = DataFolder(settings.data)
        self._credentials = read_credentials(self._folder.credentials)
        own_redis = self._credentials.redis_url if self._credentials else None
        is_set = _REDIS_VARIABLE in variables
        self._redis_url = settings.redis_url if is_set else own_redis or settings.redis_url
        self._is_installed = self._credentials is not None or "GAVEL_DATABASE_URL" in variables
        self._start = f"`gavel up --data {settings.data}`"

    def findings(self) -> list[Finding]:
        """The findings of all checks. A host without an installation, such as a worker's host, gets one
        finding, which is no fault."""
        file = sqlite_file(self._settings.database_url)
        if not self._is_installed and not (file and file.is_file()):
            return [Finding("installation", f"none in {self._settings.data}: only this host is checked")]
        checks: tuple[Callable[[], Iterator[Finding]], ...] = (
            *(self._data_folder, self._disks, self._database, self._port, self._redis),
        )
        return [finding for check in checks for finding in check()]

    def _data_folder(self) -> Iterator[Finding]:
        root = self._folder.root
        if not root.is_dir():
            yield Finding("data folder", f"{root} does not exist", f"{self._start} or `gavel setup` makes it")
        elif not os.access(root, os.R_OK | os.W_OK | os.X_OK):
            yield Finding(
                "data folder",
                f"{root} belongs to user {root.stat().st_uid}, and this is user {os.getuid()}",
                "run gavel as that user, or `chown` the folder",
            )
        else:
            yield Finding("data folder", f"{root}, takes writes")

    def _disks(self) -> Iterator[Finding]:
        fault = DiskSpace(self._settings).fault()
        if fault:
            yield Finding("disk", fault, "delete files there, or `gavel purge` old submissions")

    # ------------------------------------------------------------------ database

    def _database(self) -> Iterator[Finding]:
        file = sqlite_file(self._settings.database_url)
        if file is not None and not file.is_file():
            yield Finding(
                "database", f"{file} does not exist", "`gavel setup` makes it, `gavel restore` a backup"
            )
            return
        engine = open_engine(self._settings.database_url, self._settings.database_limits)
        try:
            yield from self._tables(engine)
        except StoreUnavailable as error:
            fix = "start the database, or correct GAVEL_DATABASE_URL; its own log says more"
            yield Finding("database", f"does not take a write: {error}", fix)
        finally:
            engine.dispose()

    def _tables(self, engine: Engine) -> Iterator[Finding]:
        kind = engine.dialect.name
        revisions = schema_revisions(engine)
        applied = [name for name, _, is_there in revisions if is_there]
        missing = len(revisions) - len(applied)
        if not applied:
            yield Finding("database", f"{kind} has no tables", "`gavel setup` makes them")
            return
        if missing:
            text = f"{kind} has the tables of schema {applied[-1]}; {missing} revisions are missing"
            yield Finding("database", text, "`gavel setup`, or a start of the API, brings them up to date")
        WriteCheck(engine).write()
        yield Finding("database", f"{kind}, schema {applied[-1]}, takes writes")
        for warning in database_warnings(engine, self._settings.database_connections):
            yield _of_warning("database", warning)

    # ------------------------------------------------------------------ the API's port

    def _port(self) -> Iterator[Finding]:
        url = self._credentials.url if self._credentials else self._own_url()
        try:
            answer = _ask(f"{url}/healthz")
            is_ours = answer.ok and answer.json() == {"status": "ok"}
        except requests.ConnectionError:
            log = f"see `gavel logs api --data {self._settings.data}`"
            # Without a `gavel up` on this data folder, the API may be on another host.
            fix = f"start it ({self._start}); if it runs, {log}" if self._credentials else None
            yield Finding("port", f"no API answers at {url}", fix)
        except (requests.RequestException, ValueError) as error:
            yield Finding("port", f"{url} does not answer as an API does: {error}", _another_port())
        else:
            if is_ours:
                yield Finding("port", f"the API answers at {url}")
            else:
                yield Finding("port", f"another program answers at {url}", _another_port())

    def _own_url(self) -> str:
        scheme = "https" if self._settings.tls_certificate else "http"
        return url_of_listener(self._settings.host, self._settings.port, scheme)

    # ------------------------------------------------------------------ Redis, and what Redis knows

    def _redis(self) -> Iterator[Finding]:
        try:
            registry = WorkerRegistry(self._redis_url, _REDIS_SECONDS)
        except ValueError:
            fix = f"correct {_REDIS_VARIABLE}: redis://HOST:6379/0, rediss://…, unix://PATH or sentinel://…"
            yield Finding("redis", "its URL cannot be read", fix)
            return
        try:
            now, here = registry.redis_now(), time()
            warnings = redis_warnings(self._redis_url, _REDIS_SECONDS)
            workers = registry.workers(marks_silent=False)
            has_dispatcher = registry.has_dispatcher()
        except QueueUnavailable as error:
            fix = f"start it ({self._start}, or the service that {_REDIS_VARIABLE} names)"
            yield Finding("redis", f"does not answer: {error}", fix)
            return
        yield Finding("redis", "answers")
        for warning in warnings:
            yield _of_warning("redis", warning)
        yield from clock_findings(now, here, workers)
        if not has_dispatcher:
            fix = f"start one: {self._start}, or `gavel dispatcher`"
            yield Finding("dispatcher", "none sent a heartbeat lately", fix)
        yield from self._workers(workers)
        yield from compiler_findings(workers)
        yield from version_findings(version("gavel-judge"), workers)

    def _workers(self, workers: Sequence[WorkerRecord]) -> Iterator[Finding]:
        routes = Routes(workers, self._settings.tiers)
        for tier in self._settings.tiers:
            count = sum(worker.queue == tier for worker in workers)
            if count == 0 and (lenders := routes.lenders(tier)):
                helpers = ", ".join(dict.fromkeys(pool.tier for pool in lenders))
                yield Finding(f"{tier} workers", f"none; workers of {helpers} judge for this tier")
            elif count == 0:
                yield Finding(f"{tier} workers", "none is registered", f"`gavel worker --queue {tier}`")
            else:
                yield Finding(f"{tier} workers", str(count))


def _ask(url: str) -> requests.Response:
    with requests.Session() as session, warnings.catch_warnings():
        session.trust_env = False  # Otherwise a web proxy could answer instead of this host.
        session.verify = False  # The certificate has the public name, and nothing secret is sent.
        warnings.simplefilter("ignore", InsecureRequestWarning)
        return session.get(url, timeout=_HTTP_SECONDS)


def clock_findings(redis: datetime, here: float, workers: Sequence[WorkerRecord]) -> Iterator[Finding]:
    """Findings about the clocks of this host and of the workers, compared with Redis' clock."""
    ahead = here - redis.timestamp()
    if abs(ahead) > _MOST_SKEW_SECONDS:
        yield Finding("clock", f"this host is {ahead:+.1f} s from Redis' host", _SET_CLOCK)
    else:
        yield Finding("clock", "as Redis' clock")
    for worker in workers:
        try:
            difference = parse_moment(worker.heartbeat) - redis
        except InvalidField:
            continue
        if abs(difference) > _MOST_HEARTBEAT_SKEW:
            text = f"{worker.host} of {worker.name} is {difference.total_seconds():+.0f} s from Redis' host"
            yield Finding("clock", text, _SET_CLOCK)


def compiler_findings(workers: Sequence[WorkerRecord]) -> Iterator[Finding]:
    """A finding about the languages that live workers offer, and those that no live worker offers."""
    if not workers:
        return
    known = {name: each for worker in workers for name, each in worker.languages.items()}
    served = {name for worker in workers for name, each in worker.languages.items() if each.version}
    missing = ", ".join(sorted(known.keys() - served))
    if served:
        note = f"; not here: {missing}" if missing else ""
        yield Finding("compilers", f"{len(served)} of {len(known)} languages{note}")
    else:
        fix = "install a compiler, such as g++ or python3; `gavel workers` shows each language's reason"
        yield Finding("compilers", "no worker has any language", fix)


def version_findings(here: str, workers: Sequence[WorkerRecord]) -> Iterator[Finding]:
    """A finding about the releases of this server and of the workers."""
    releases = {worker.name: _release_of(worker) for worker in workers}
    others = sorted({release for release in releases.values() if release and release != here})
    if not others:
        yield Finding("versions", f"gavel {here}" + (", workers too" if workers else ""))
        return
    names = ", ".join(name for name, release in releases.items() if release in others)
    text = f"gavel {here} here, {', '.join(others)} on {names}"
    yield Finding("versions", text, "finish the upgrade: install one release and start those processes again")


def _release_of(worker: WorkerRecord) -> str:
    return worker.versions.get("gavel", "")[:_MOST_SHOWN]


def _another_port() -> str:
    return "end that program, or choose another port (GAVEL_PORT, `gavel up --port`)"


def _of_warning(name: str, warning: str) -> Finding:
    text, _, fix = warning.partition(" Fix: ")
    return Finding(name, text, fix or "see the text")


def to_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """The findings as JSON. ``fix`` is null if nothing is wrong."""
    return [{"name": each.name, "text": each.text, "fix": each.fix} for each in findings]
