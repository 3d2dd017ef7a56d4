"""`make test-compose` starts the compose file, checks the stack step by step, and removes the stack. It
installs a container engine if the machine has none.

A failed step does not stop the later steps, so that one run shows all failures. If the build or the start
fails, the run ends. Prints a table, which ends with ``N passed, N failed``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from judge_core.languages import load_languages
from tests.compose.api_client import ApiClient, until
from tests.compose.stack import ENGINE, ROOT, CommandFailed, Stack, own_engine, run
from tests.support.ports import free_port

SLEEPER = "import time\na, b = map(int, input().split())\ntime.sleep(0.3)\nprint(a + b)\n"


@dataclass
class Row:
    step: str
    seconds: float
    note: str
    passed: bool


@dataclass
class ComposeRun:
    """The steps in order; ``rows`` become the table."""

    stack: Stack
    languages: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    clients: dict[str, ApiClient] = field(default_factory=dict)

    def step(self, name: str, act: Callable[[], str | None]) -> bool:
        started = time.monotonic()
        try:
            note, passed = act() or "", True
        except Exception as error:  # noqa: BLE001 - the outermost loop of this program: a failed step is a row
            note, passed = f"{type(error).__name__}: {error}", False
            traceback.print_exc()
        self.rows.append(Row(name, time.monotonic() - started, note, passed))
        print(f"[{'ok' if passed else 'FAILED'}] {name} {self.rows[-1].seconds:.1f} s {note}", flush=True)
        return passed

    # ------------------------------------------------------------ the stack

    def build(self) -> str:
        self.stack.compose("build", "--quiet", timeout_seconds=1800)
        return ", ".join(f"{name} {size}" for name, size in self.stack.image_sizes().items())

    def refuse_without_secrets(self) -> str:
        empty = Path(self.stack.secrets).with_name("empty.env")
        empty.write_text("")
        poor = Stack(self.stack.port, empty, self.stack.environment, self.stack.docker)
        expect_refusal(lambda: poor.compose("config"), "deploy/make-secrets")
        default = (
            "run",
            "--rm",
            "--no-deps",
            "-e",
            "GAVEL_SECRET_KEY=change-me-change-me-change-me-change-me",
        )
        expect_refusal(lambda: self.stack.compose(*default, "api"), "deploy/make-secrets")
        return "compose without secrets and the api with a default one both refuse"

    def start(self) -> str:
        self.stack.up(premium_worker=3)
        accounts = self.stack.credentials()
        for use, account in accounts.items():
            self.clients[use] = ApiClient(self.stack.url, account["key"])
        until(self.all_registered, "four workers register", 400)
        return "1 normal and 3 premium workers"

    def all_registered(self) -> bool:
        return len(self.workers()) == 4

    def workers(self) -> list[dict[str, object]]:
        """The live workers. Killed workers are left out: the server still lists them as lost."""
        answer = self.clients["admin"].get("/admin/workers")
        rows: list[dict[str, object]] = answer["workers"] if isinstance(answer, dict) else answer
        return [row for row in rows if row["state"] != "lost"]

    # ------------------------------------------------------------ what the stack must do

    def judge_every_language(self) -> str:
        known = load_languages()
        wrong: list[str] = []
        for tier in ("normal", "premium"):
            client = self.clients[tier]
            for language in self.languages or tuple(known):
                test = known[language].self_test
                submission = client.run(language, test.source, test.stdin, test.stdout)
                status = client.wait(submission) if submission else {"verdict": dict(client.refused)}
                if (
                    status["verdict"] != "AC"
                    or status["sandbox"]["mode"] != "full"
                    or status["queue"] != tier
                ):
                    wrong.append(f"{tier} {language}: {status} {self.reasons(language)}")
        if wrong:
            raise AssertionError("\n".join(wrong))
        return f"{len(self.languages or known)} languages x 2 tiers: AC, sandbox mode full"

    def reasons(self, language: str) -> list[str]:
        """The reasons for which workers do not offer a language."""
        found = [worker["languages"].get(language, {}) for worker in self.workers()]  # type: ignore[attr-defined]
        return [str(each.get("reason")) for each in found if each.get("reason")]

    def check_worker_rights(self) -> str:
        """Check that the worker's process has uid 1000 and no capabilities, and can get no new privileges."""
        lines: set[str] = set()
        for service in ("normal-worker", "premium-worker"):
            printed = self.stack.inside(service, "sh", "-c", "cat /proc/1/status")
            fields = dict(line.split(":", 1) for line in printed.splitlines() if ":" in line)
            shown = {
                name: fields[name].split()[0] for name in ("Uid", "CapEff", "CapPrm", "CapBnd", "NoNewPrivs")
            }
            none = "0" * 16
            wanted = {"Uid": "1000", "CapEff": none, "CapPrm": none, "CapBnd": none, "NoNewPrivs": "1"}
            if shown != wanted:
                raise AssertionError(f"{service}: {shown}")
            lines.add("uid 1000, no capabilities")
        return ", ".join(lines)

    def check_worker_network(self) -> str:
        """Check that a worker's container reaches neither PostgreSQL nor hosts outside."""
        printed = self.probe("reach")
        if "REACHED" in printed:
            raise AssertionError(printed)
        return "no route to postgres nor outside"

    def check_redis_rights(self) -> str:
        """Check that Redis refuses commands that a worker does not need."""
        printed = self.probe("redis_rights")
        if "ALLOWED" in printed:
            raise AssertionError(printed)
        return printed.strip() + " commands that a worker does not need"

    def probe(self, name: str) -> str:
        """Run a small program inside a worker container. Returns its output."""
        program = Path(__file__).with_name("probes") / f"{name}.py"
        return self.stack.inside("normal-worker", "/opt/gavel/venv/bin/python", "-c", program.read_text())

    # ------------------------------------------------------------ what the stack must survive

    def load(self, tier: str, count: int, source: str = SLEEPER) -> list[str]:
        client = self.clients[tier]
        sent = [
            client.submit("python3", f"# {number} {time.monotonic()}\n{source}") for number in range(count)
        ]
        return [submission for submission in sent if submission]

    def await_verdicts(self, tier: str, ids: list[str]) -> str:
        """Wait until every submission has a verdict. Raises AssertionError if one is not AC."""
        client = self.clients[tier]
        last = [client.wait(submission, 240) for submission in ids]
        wrong = [status for status in last if status["verdict"] != "AC"]
        if wrong or len({status["id"] for status in last}) != len(ids):
            raise AssertionError(f"{len(wrong)} of {len(ids)} wrong: {wrong[:3]}")
        retried = sum(status["attempt"] > 1 for status in last)
        return f"{len(ids)} accepted, {len(ids)} AC, 0 lost, {retried} judged again"

    def kill_a_worker(self) -> str:
        ids = self.load("premium", 24)
        self.stack.engine("kill", self.stack.containers("premium-worker")[0])
        return self.await_verdicts("premium", ids)

    def restart(self, service: str) -> str:
        ids = self.load("premium", 12)
        self.stack.compose("kill", service)
        during = self.load("premium", 6)
        self.stack.compose("start", service)
        return (
            self.await_verdicts("premium", ids + during) + f"; {len(during)} of 6 accepted while it was down"
        )

    def scale_down_and_up(self) -> str:
        ids = self.load("premium", 30)
        self.stack.scale(premium_worker=1)
        ids += self.load("premium", 6)
        self.stack.scale(premium_worker=3)
        return self.await_verdicts("premium", ids)

    def compare_scales(self) -> str:
        """Measure six jobs of one second with one premium worker, then with three."""
        took = {}
        for workers in (1, 3):
            self.stack.scale(premium_worker=workers)
            until(lambda n=workers: len(self.workers()) == n + 1, f"{workers} premium workers register")  # type: ignore[misc]
            started = time.monotonic()
            self.await_verdicts("premium", self.load("premium", 6, SLEEPER.replace("0.3", "1")))
            took[workers] = time.monotonic() - started
        return f"six sleepers: {took[1]:.1f} s with 1 worker, {took[3]:.1f} s with 3"

    def measure_idle_memory(self) -> str:
        return ", ".join(f"{name} {used}" for name, used in sorted(self.stack.memory().items()))

    def check_prometheus(self) -> str:
        """Check that the Prometheus of the profile ``monitoring`` scrapes the API with its token."""
        beside = ("up", "-d", "--no-build", "--no-deps", "prometheus")
        self.stack.compose("--profile", "monitoring", *beside)
        asked = (
            "import urllib.request as u; "
            "print(u.urlopen('http://prometheus:9090/api/v1/query?query=up').read().decode())"
        )

        def scraped() -> bool:
            printed = json.loads(self.stack.inside("api", "python3", "-c", asked))
            return [row["value"][1] for row in printed["data"]["result"]] == ["1"]

        until(scraped, "prometheus scrapes the api", 90)
        return "up = 1"

    def stop(self) -> str:
        self.stack.down()
        return "containers, networks and volumes removed"


def expect_refusal(act: Callable[[], object], words: str) -> None:
    try:
        act()
    except CommandFailed as refusal:
        if words in str(refusal):
            return
        raise
    raise AssertionError(f"it was not refused with {words!r}")


def has_engine() -> bool:
    argv = ["docker", "compose", "version"]
    try:
        running = subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0
        return running and subprocess.run(argv, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def print_table(rows: list[Row]) -> None:
    width = max(len(row.step) for row in rows)
    print(f"\n{'step':{width}}  {'s':>6}  result")
    for row in rows:
        print(f"{row.step:{width}}  {row.seconds:6.1f}  {'' if row.passed else 'FAILED '}{row.note[:300]}")
    print(f"\n{sum(row.passed for row in rows)} passed, {sum(not row.passed for row in rows)} failed")


def run_steps(compose_run: ComposeRun, keep: bool) -> None:
    steps: list[tuple[str, Callable[[], str | None]]] = [
        ("refuse default secrets", compose_run.refuse_without_secrets),
        ("up --wait, 3 premium workers", compose_run.start),
        ("every language, both tiers", compose_run.judge_every_language),
        ("rights of a worker", compose_run.check_worker_rights),
        ("a worker stays inside", compose_run.check_worker_network),
        ("a worker's rights in redis", compose_run.check_redis_rights),
        ("idle memory", compose_run.measure_idle_memory),
        ("kill a worker container", compose_run.kill_a_worker),
        ("kill and restart redis", lambda: compose_run.restart("redis")),
        ("kill and restart postgres", lambda: compose_run.restart("postgres")),
        ("kill and restart the dispatcher", lambda: compose_run.restart("dispatcher")),
        ("scale 3 -> 1 -> 3 under load", compose_run.scale_down_and_up),
        ("1 against 3 premium workers", compose_run.compare_scales),
        ("prometheus scrapes", compose_run.check_prometheus),
    ]
    for name, act in steps:
        if not compose_run.step(name, act) and not compose_run.clients and name.startswith("up"):
            print(compose_run.stack.compose("logs", "--tail", "40"))
            break
    if not keep:
        compose_run.step("down -v", compose_run.stop)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--keep", action="store_true", help="leave the stack and the engine running")
    options.add_argument("--languages", default="", help="only these languages, separated by commas")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="gavel-compose-"))
    stack = Stack(free_port(), folder / "secrets.env", dict(os.environ))
    compose_run = ComposeRun(stack, tuple(filter(None, chosen.languages.split(","))))
    ours = not has_engine()
    if ours:
        stack.environment.update(own_engine())
        stack.docker = "/usr/bin/docker"
        for name in ("install", "start", "images"):
            compose_run.step(f"engine {name}", lambda n=name: run([ENGINE, n], stack.environment) and None)  # type: ignore[misc]
    stack.secrets.write_text(f"GAVEL_HTTP_PORT={stack.port}\nGAVEL_PUBLIC_URL={stack.url}\n")
    run([ROOT / "deploy" / "make-secrets", str(stack.secrets)], stack.environment)
    try:
        if compose_run.step("build", compose_run.build):
            run_steps(compose_run, chosen.keep)
    finally:
        if ours and not chosen.keep:
            compose_run.step("engine stop", lambda: run([ENGINE, "stop"], stack.environment) and None)
        print_table(compose_run.rows)
    sys.exit(any(not row.passed for row in compose_run.rows))


if __name__ == "__main__":
    main()
