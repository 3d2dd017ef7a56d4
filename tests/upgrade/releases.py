"""Two releases side by side: the tree of each, and processes of either over one database and one Redis."""

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


@dataclass(frozen=True)
class Release:
    """One release's tree; its processes import from there and nowhere else."""

    name: str
    tree: Path

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(self.tree)}


def previous_commit() -> str:
    """``GAVEL_PREVIOUS``, else the last release in ``deploy/releases.txt``."""
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
    """One folder, one database and one Redis for both releases, and the processes that run."""

    folder: Path
    database_url: str
    redis_url: str
    ports: dict[str, int]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def url(self, release: Release) -> str:
        return f"http://127.0.0.1:{self.ports[release.name]}"

    def start_server(self, release: Release) -> None:
        """API and dispatcher; returns when the API answers, the schema brought up to date by then."""
        environment = self._server_environment(release)
        gunicorn = ("gunicorn", "-c", "python:judge_api.gunicorn_conf", "judge_api.wsgi:app")
        self._start(release, "api", gunicorn, environment)
        until(lambda: requests.get(f"{self.url(release)}/healthz", timeout=2).ok, "the API answers", 60)
        self._start(release, "dispatcher", ("judge_api.dispatcher",), environment)

    def set_up(self, release: Release) -> str:
        """Tables, accounts and sample problems, made by the release itself; the key of a normal account."""
        words = (sys.executable, "-m", "judge_api", "setup", "--problems", str(release.tree / "problems"))
        environment = self._server_environment(release)
        subprocess.run(words, cwd=release.tree, env=environment, check=True, capture_output=True)
        credentials = json.loads((self.folder / "data" / "credentials.json").read_text())
        return str(credentials["accounts"]["normal"]["key"])

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
        }

    def start_worker(self, release: Release, server: Release) -> None:
        number = FIRST_SLOT + list(self.ports).index(release.name)
        environment = {
            **release.environment(),
            "GAVEL_REDIS_URL": self.redis_url,
            "GAVEL_SERVER_URL": self.url(server),
            "GAVEL_WORKER_TOKEN": TOKEN,
            "GAVEL_CACHE": str(self.folder / f"cache-{release.name}"),
            "GAVEL_SLOT": str(number),
            "GAVEL_WORKER_NAME": f"{release.name}-worker",
            "GAVEL_LEASE_SECONDS": "3",
        }
        self._start(release, "worker", ("workers", "--queue", "normal"), environment)

    def _start(self, release: Release, kind: str, words: tuple[str, ...], variables: dict[str, str]) -> None:
        with (self.folder / f"{release.name}-{kind}.log").open("ab") as log:
            self.running[f"{release.name} {kind}"] = subprocess.Popen(
                [sys.executable, "-m", *words], cwd=release.tree, env=variables, stdout=log, stderr=log
            )

    def stop(self, release: Release, *kinds: str) -> None:
        """An orderly end of these, one after the other."""
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
