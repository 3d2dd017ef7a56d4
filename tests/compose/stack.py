"""The stack of the compose file. An operator's commands are its methods."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGINE = Path(__file__).with_name("engine")
ENGINE_HOME = Path(os.environ.get("GAVEL_TEST_ENGINE", "/var/tmp/gavel-test-engine"))
PROJECT = "gavel-test"


class CommandFailed(Exception):
    """A command failed. The message has the end of its output."""


def run(
    argv: Sequence[str | Path],
    environment: Mapping[str, str],
    timeout_seconds: float = 900,
    folder: Path = ROOT,
) -> str:
    done = subprocess.run(
        argv,
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        check=False,
    )
    if done.returncode:
        raise CommandFailed(
            f"{' '.join(map(str, argv))}: exit {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}"
        )
    return done.stdout


def own_engine() -> dict[str, str]:
    return {
        "DOCKER_HOST": f"unix://{ENGINE_HOME}/run/docker.sock",
        "DOCKER_CONFIG": str(ENGINE_HOME / "config"),
    }


@dataclass
class Stack:
    """One project of Compose with its own secrets file and port. ``down`` removes all of it."""

    port: int
    secrets: Path
    environment: dict[str, str] = field(default_factory=dict)
    docker: str = "docker"
    folder: Path = ROOT
    """The folder of the compose file."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def compose(self, *words: str, timeout_seconds: float = 900) -> str:
        argv = [self.docker, "compose", "-p", PROJECT, "--env-file", str(self.secrets), *words]
        return run(argv, self.environment, timeout_seconds, self.folder)

    def engine(self, *words: str, timeout_seconds: float = 120) -> str:
        return run([self.docker, *words], self.environment, timeout_seconds)

    def up(self, **scale: int) -> None:
        scales = [word for name, n in scale.items() for word in ("--scale", f"{name.replace('_', '-')}={n}")]
        self.compose("up", "-d", "--wait", "--wait-timeout", "580", "--no-build", *scales)

    def scale(self, **scale: int) -> None:
        scales = [word for name, n in scale.items() for word in ("--scale", f"{name.replace('_', '-')}={n}")]
        self.compose("up", "-d", "--no-build", "--no-recreate", *scales)

    def containers(self, service: str) -> list[str]:
        return self.compose("ps", "-q", service).split()

    def inside(self, service: str, *words: str) -> str:
        return self.compose("exec", "-T", service, *words, timeout_seconds=60)

    def credentials(self) -> dict[str, dict[str, str]]:
        credentials = json.loads(self.inside("api", "cat", "/data/credentials.json"))
        accounts: dict[str, dict[str, str]] = credentials["accounts"]
        return accounts

    def image_sizes(self) -> dict[str, str]:
        lines = self.engine("images", "--format", "{{.Repository}}:{{.Tag}} {{.Size}}").splitlines()
        return dict(line.split(" ", 1) for line in lines if line.startswith("gavel-"))

    def memory(self) -> dict[str, str]:
        shape = "{{.Name}} {{.MemUsage}}"
        names = self.compose("ps", "-q").split()
        lines = self.engine("stats", "--no-stream", "--format", shape, *names).splitlines()
        return {line.split(" ")[0].removeprefix(f"{PROJECT}-"): line.split(" ")[1] for line in lines}

    def down(self) -> None:
        self.compose("--profile", "monitoring", "down", "-v", "--remove-orphans", "--timeout", "20")
