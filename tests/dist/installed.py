"""Runs `make dist` in a fresh clone, installs the wheel, and starts `gavel up` from the installation."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.network.waiting import until

ROOT = Path(__file__).parents[2]
LAST_LINE = "Ctrl-C ends everything"
START_SECONDS = 180
_COMMAND = re.compile(r"^  (curl (?:.*\\\n)*.*)$", re.MULTILINE)


def build_in_fresh_clone(folder: Path) -> Path:
    """Run `make dist` in a new clone, which has no built pages and no environment. Returns its ``dist``
    folder."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    assert not (clone / "judge_api/views/dist").exists()
    done = subprocess.run(
        ["make", "dist", f"PYTHON={sys.base_prefix}/bin/python3"],
        cwd=clone,
        env=plain_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return clone / "dist"


def plain_environment(**more: str) -> dict[str, str]:
    """This process's variables without those of a virtual environment or of make."""
    left_out = ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")
    return {name: value for name, value in os.environ.items() if name not in left_out} | more


@dataclass(frozen=True)
class Installed:
    """A virtual environment with a wheel in it, and an empty folder to work in."""

    venv: Path
    empty: Path

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment in the empty folder."""
        return subprocess.run(
            [str(self.venv / "bin" / words[0]), *words[1:]],
            cwd=self.empty,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def environment(self, **more: str) -> dict[str, str]:
        """Variables for a command. The home is the empty folder, so the command uses no cache or data of this
        user."""
        return plain_environment(**{"HOME": str(self.empty), "XDG_DATA_HOME": str(self.empty / "data"), **more})


def install(folder: Path, dist: Path, package: str) -> Installed:
    """Run `pip install --find-links dist PACKAGE` in a new environment."""
    installed = Installed(folder / "venv", folder / "empty")
    installed.empty.mkdir(parents=True)
    python = f"{sys.base_prefix}/bin/python3"
    subprocess.run([python, "-m", "venv", str(installed.venv)], env=plain_environment(), check=True)
    words = ("pip", "install", "--quiet", "--find-links", str(dist), package)
    environment = plain_environment()
    done = subprocess.run(
        [str(installed.venv / "bin/python"), "-m", *words],
        cwd=installed.empty,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return installed


@dataclass(frozen=True)
class Running:
    """A running `gavel up`, with the text that it has printed."""

    output: Path

    @property
    def printed(self) -> str:
        return self.output.read_text()

    @property
    def url(self) -> str:
        return str(re.findall(r"Gavel is up: (\S+)", self.printed)[0])

    def commands(self) -> list[str]:
        """The printed shell commands, in order."""
        return _COMMAND.findall(self.printed)


@contextmanager
def gavel_up(installed: Installed, port: int, environment: Mapping[str, str]) -> Iterator[Running]:
    """Runs `gavel up` during the block. It has printed its commands when the block begins."""
    running = Running(installed.empty / "up.txt")
    with running.output.open("wb") as out:
        process = subprocess.Popen(
            [str(installed.venv / "bin/gavel"), "up", "--port", str(port)],
            cwd=installed.empty,
            env=installed.environment(**environment),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        until(
            lambda: LAST_LINE in running.printed or process.poll() is not None, "gavel up is up", START_SECONDS
        )
        assert process.poll() is None, running.printed
        yield running
    finally:
        process.terminate()
        process.wait(60)


def shell(command: str) -> str:
    return subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=60, check=True
    ).stdout
