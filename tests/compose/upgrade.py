"""`make test-compose-upgrade` upgrades the last release to this tree with Compose, by the commands of
docs/how-to/upgrade.md, while two clients submit.

Both releases are built. Then every submission that was answered with 202 must have the right verdict, and the
verdicts from before the upgrade must be the same. Prints each command, and the counts of each client. The
engine is used for this test only (`tests/compose/engine`).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.compose.api_client import ApiClient, until
from tests.compose.stack import ENGINE, PROJECT, ROOT, CommandFailed, Stack, own_engine, run
from tests.support.ports import free_ports
from tests.upgrade.releases import previous_commit

PAGE = ROOT / "docs" / "how-to" / "upgrade.md"
HEADING = "## With Compose, without a pause"
SUM = "print(sum(map(int, input().split())))\n"
PAUSE_SECONDS = 0.5
BUILD_SECONDS = 3600
READY_SECONDS = 300


def documented_commands(page: str) -> list[str]:
    """The commands of the first block below the heading."""
    block = page.partition(HEADING)[2].partition("```sh\n")[2].partition("```")[0]
    return [line.partition("  #")[0].strip() for line in block.splitlines() if line.strip()]


@dataclass
class Submitter:
    """Submits programs one after another until it is stopped. A request that fails is counted."""

    client: ApiClient
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.ended.wait(PAUSE_SECONDS):
            self.client.submit("python3", f"# {len(self.client.accepted)}\n{SUM}")


@dataclass
class Upgrade:
    """The folder of the installation, which is a clone of this tree, and its stack."""

    folder: Path
    stack: Stack

    def shell(self, command: str) -> None:
        began = time.monotonic()
        print(f"$ {command}", flush=True)
        run(["bash", "-ec", command], self.stack.environment, BUILD_SECONDS, self.folder)
        print(f"  {time.monotonic() - began:.0f} s", flush=True)

    def install_previous(self) -> None:
        """Clone the previous release, and start it. It is ready when its workers are registered: in 0.3.0 the
        health check of a worker's container always fails."""
        run(["git", "clone", "--quiet", str(ROOT), str(self.folder)], self.stack.environment)
        self.shell(f"git reset --quiet --hard {previous_commit()}")
        self.stack.secrets.write_text(
            f"GAVEL_HTTP_PORT={self.stack.port}\nGAVEL_PUBLIC_URL={self.stack.url}\nGAVEL_TOOLCHAINS=slim\n"
        )
        for command in ("deploy/make-secrets", "docker compose build --quiet", "docker compose up -d"):
            self.shell(command)
        until(self._is_ready, "the previous release is ready", READY_SECONDS)

    def upgrade(self) -> None:
        for command in documented_commands(PAGE.read_text()):
            self.shell(command)
        assert (self.folder / "before.dump").stat().st_size, "the dump is empty"
        ahead = run(["git", "rev-parse", "HEAD"], self.stack.environment, folder=self.folder)
        assert ahead == run(["git", "rev-parse", "HEAD"], self.stack.environment), (
            "git pull got another commit"
        )

    def _is_ready(self) -> bool:
        try:
            return requests.get(f"{self.stack.url}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def versions(self) -> str:
        return self.stack.inside("api", "gavel", "--version").strip()


def check(upgrade: Upgrade) -> None:
    upgrade.install_previous()
    print(f"running: {upgrade.versions()}", flush=True)
    accounts = upgrade.stack.credentials()
    submitters = [
        Submitter(ApiClient(upgrade.stack.url, accounts[tier]["key"])) for tier in ("normal", "premium")
    ]
    before = _judge_first(submitters)
    threads = [threading.Thread(target=submitter.run) for submitter in submitters]
    for thread in threads:
        thread.start()
    try:
        upgrade.upgrade()
    finally:
        for submitter, thread in zip(submitters, threads, strict=True):
            submitter.ended.set()
            thread.join()
    print(f"running: {upgrade.versions()}", flush=True)
    for submitter in submitters:
        _expect_verdicts(submitter.client, before)


def _judge_first(submitters: list[Submitter]) -> dict[str, dict[str, Any]]:
    """Judge a right and a wrong program for each account. Returns their statuses."""
    statuses = {}
    for submitter in submitters:
        for source in (SUM, "print(0)\n"):
            id = submitter.client.submit("python3", source)
            assert id is not None, submitter.client.refused
            statuses[id] = submitter.client.wait(id)
    return statuses


def _expect_verdicts(client: ApiClient, before: dict[str, dict[str, Any]]) -> None:
    verdicts, repeated = [], 0
    for id in client.accepted:
        status = client.wait(id)
        repeated += status["attempt"] > 1
        if id in before:
            assert status["verdict"] == before[id]["verdict"], f"the verdict of {id} has changed"
        else:
            verdicts.append(status["verdict"])
    print(
        f"accepted {len(client.accepted)}, AC {verdicts.count('AC')} of {len(verdicts)} during the upgrade, "
        f"judged again {repeated}, refused {dict(client.refused)}",
        flush=True,
    )
    assert verdicts and set(verdicts) == {"AC"}, set(verdicts)


def run_all(folder: Path) -> None:
    (port,) = free_ports(1)
    environment = {**os.environ, **own_engine(), "COMPOSE_PROJECT_NAME": PROJECT}
    place = folder / "gavel"
    stack = Stack(port, place / ".env", environment, "/usr/bin/docker", place)
    with ExitStack() as ends:
        ends.callback(run, [ENGINE, "stop"], environment)
        for act in ("install", "start", "images"):
            run([ENGINE, act], environment, BUILD_SECONDS)
        ends.callback(stack.down)
        check(Upgrade(place, stack))


def main() -> int:
    argparse.ArgumentParser(prog="python -m tests.compose.upgrade", description=__doc__).parse_args()
    failures = (
        AssertionError, CommandFailed, TimeoutError, requests.RequestException, subprocess.TimeoutExpired,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="gavel-upgrade-") as name:
        try:
            run_all(Path(name))
        except failures as error:
            print(f"FAILED: {error}", file=sys.stderr)
            return 1
    print("\n1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
