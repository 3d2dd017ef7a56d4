"""Runs two releases beside each other. Each has its own tree, and both use the same database and Redis."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.network.waiting import until

ROOT = Path(__file__).parents[2]
RELEASES = ROOT / "deploy" / "releases.txt"
"""The version and commit of each release, oldest first."""
TOKEN, SECRET = "t" * 40, "s" * 40
FIRST_SLOT = 80
API_SECONDS = 180
"""The API migrates the schema before it answers. The wait ends at once when its process ends."""
LINES = 30


@dataclass(frozen=True)
class Release:
    """The tree of a release. Its processes import Gavel only from there."""

    name: str
    tree: Path

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(self.tree)}


def previous_commit() -> str:
    """The commit in ``GAVEL_PREVIOUS``. If that is not set, the last release in ``deploy/releases.txt``."""
    asked = os.environ.get("GAVEL_PREVIOUS") or _last_release()
    known = _git("rev-parse", "--verify", "--quiet", f"{asked}^{{commit}}", check=False)
    if not known:
        raise SystemExit(
            f"Commit {asked!r} is not in this clone. Fetch it, or set GAVEL_PREVIOUS to another."
        )
    return known


def _last_release() -> str:
    lines = [line for line in RELEASES.read_text().splitlines() if line and not line.startswith("#")]
    return lines[-1].split()[1]


def _git(*words: str, check: bool = True) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=check)
    return done.stdout.strip()


@contextlib.contextmanager
def two_releases(folder: Path) -> Iterator[tuple[Release, Release]]:
    """The previous release, checked out and built in ``folder``, and this tree."""
    tree = folder / "previous"
    _git("worktree", "add", "--detach", "--force", str(tree), previous_commit())
    try:
        old = Release("old", tree)
        build = [sys.executable, "-m", "sandbox.launcher.build"]
        subprocess.run(build, cwd=tree, env=old.environment(), check=True, capture_output=True)
        yield old, Release("new", ROOT)
    finally:
        _git("worktree", "remove", "--force", str(tree), check=False)
        shutil.rmtree(tree, ignore_errors=True)
        _git("worktree", "prune", check=False)


@dataclass
class Environment:
    """The folder, the database and the Redis that both releases use, and the processes that run."""

    folder: Path
    database_url: str
    redis_url: str
    ports: dict[str, int]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)
    """Settings that all processes get from now on."""

    def url(self, release: Release) -> str:
        return f"http://127.0.0.1:{self.ports[release.name]}"

    def start_server(self, release: Release) -> None:
        """Start the API and the dispatcher. The API has migrated the schema when it answers."""
        self.start_api(release)
        self.start_dispatcher(release)

    def start_api(self, release: Release) -> None:
        gunicorn = ("gunicorn", "-c", "python:judge_api.gunicorn_conf", "judge_api.wsgi:app")
        self._start(release, "api", gunicorn, self._server_environment(release))

        def answers() -> bool:
            assert self.is_alive(release, "api"), f"the API ended\n{self.state(release, 'api')}"
            return requests.get(f"{self.url(release)}/healthz", timeout=2).ok

        what = f"the API of the {release.name} release answers"
        until(answers, what, API_SECONDS, lambda: self.state(release, "api"))

    def start_dispatcher(self, release: Release) -> None:
        self._start(release, "dispatcher", ("judge_api.dispatcher",), self._server_environment(release))

    def set_up(self, release: Release) -> dict[str, dict[str, str]]:
        """Let the release make its tables, accounts and sample problems. Returns the account of each tier."""
        self.command(release, "setup", "--problems", str(release.tree / "problems")).check_returncode()
        credentials = json.loads((self.folder / "data" / "credentials.json").read_text())
        accounts: dict[str, dict[str, str]] = credentials["accounts"]
        return accounts

    def command(self, release: Release, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `gavel WORDS` of this release with the settings of the server."""
        return subprocess.run(
            (sys.executable, "-m", "judge_api", *words),
            cwd=release.tree,
            env=self._server_environment(release),
            capture_output=True,
            text=True,
            check=False,
        )

    def _server_environment(self, release: Release) -> dict[str, str]:
        return {
            **release.environment(),
            "GAVEL_DATA": str(self.folder / "data"),
            "GAVEL_DATABASE_URL": self.database_url,
            "GAVEL_REDIS_URL": self.redis_url,
            "GAVEL_PORT": str(self.ports[release.name]),
            "GAVEL_SECRET_KEY": SECRET,
            "GAVEL_WORKER_TOKEN": TOKEN,
            "GAVEL_MAX_UNFINISHED": "100000",
            "GAVEL_LEASE_SECONDS": "3",
            **self.more,
        }

    def start_worker(self, release: Release, server: Release, tier: str = "normal") -> None:
        """Start a worker of the tier. A worker of ``normal`` is named after its release, and a worker of any
        other tier after its tier."""
        name = release.name if tier == "normal" else tier
        number = FIRST_SLOT + [*self.ports, tier].index(name)
        environment = {
            **release.environment(),
            "GAVEL_REDIS_URL": self.redis_url,
            "GAVEL_SERVER_URL": self.url(server),
            "GAVEL_WORKER_TOKEN": TOKEN,
            "GAVEL_CACHE": str(self.folder / f"cache-{name}"),
            "GAVEL_SLOT": str(number),
            "GAVEL_WORKER_NAME": f"{name}-worker",
            "GAVEL_LEASE_SECONDS": "3",
            **self.more,
        }
        kind = "worker" if tier == "normal" else f"{tier}-worker"
        self._start(release, kind, ("workers", "--queue", tier), environment)

    def is_alive(self, release: Release, kind: str) -> bool:
        return self.running[f"{release.name} {kind}"].poll() is None

    def state(self, release: Release, kind: str) -> str:
        """Whether the process is alive, the load of the machine, and the last lines of the process's log."""
        code = self.running[f"{release.name} {kind}"].poll()
        alive = "is alive" if code is None else f"ended with {code}"
        lines = self._log(release, kind).read_text(errors="replace").splitlines()[-LINES:]
        load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
        return "\n".join((f"{release.name} {kind} {alive}; load {load}; its log ends with:", *lines))

    def _log(self, release: Release, kind: str) -> Path:
        return self.folder / f"{release.name}-{kind}.log"

    def _start(self, release: Release, kind: str, words: tuple[str, ...], variables: dict[str, str]) -> None:
        with self._log(release, kind).open("ab") as log:
            self.running[f"{release.name} {kind}"] = subprocess.Popen(
                [sys.executable, "-m", *words], cwd=release.tree, env=variables, stdout=log, stderr=log
            )

    def stop(self, release: Release, *kinds: str) -> None:
        """Stop these processes one by one by SIGTERM."""
        for kind in kinds:
            process = self.running.pop(f"{release.name} {kind}")
            process.send_signal(signal.SIGTERM)
            process.wait(60)

    def dead(self) -> list[str]:
        return [name for name, process in self.running.items() if process.poll() is not None]

    def end(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
