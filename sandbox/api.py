"""What a sandbox takes and what it gives back: commands in, facts out.

Opinions (verdicts) are formed elsewhere. Whatever is ours to blame is an exception of
``sandbox.errors`` and never an ending.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from sandbox.limits import Limits

WORK = "/w"
"""The work folder inside every box: fresh and empty but for ``Command.files``; also HOME and cwd."""


class Ending(StrEnum):
    """How a run ended, as a fact; when several are true the first of this order is told:
    MEMORY, CPU, WALL, OUTPUT, SIGNALLED, EXITED."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    CPU = "cpu"
    WALL = "wall"
    MEMORY = "memory"
    OUTPUT = "output"


class IsolationMode(StrEnum):
    """How much of the promise this host lets us keep, found by trying and not by reading flags."""

    FULL = "full"
    NO_CGROUP = "no-cgroup"
    NO_NAMESPACE = "no-namespace"


@dataclass(frozen=True, slots=True)
class Mount:
    """A host folder shown read-only inside the box; it must lie below a share of the slot."""

    source: Path
    target: str


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file laid into the work folder before the start, owned by the box; ``name`` may have folders.

    ``content`` is its bytes, or a host file of the caller's own to copy them from.
    """

    name: str
    content: bytes | Path
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """One untrusted program to run once.

    ``argv[0]`` is an absolute path inside the box (the host's /usr is there, read-only).
    ``stdin`` is a host file, bytes, or nothing (/dev/null). ``stdout`` names a host file that receives
    the output whole, up to its limit (else it is kept in memory and found in the report).
    ``collect`` names files or folders below the work folder to bring back once everything in the box
    is dead; what is missing is left out, what is no regular file is never followed. With ``collect_to``, a
    folder of the host, the files are laid there and never stand in our memory.
    ``read_only`` closes the work folder to writing; /tmp stays open.
    ``seccomp_profile`` names the system-call list: native, jvm, node, go, compiler, …
    """

    argv: tuple[str, ...]
    limits: Limits
    stdin: Path | bytes | None = None
    stdout: Path | None = None
    files: tuple[InputFile, ...] = ()
    mounts: tuple[Mount, ...] = ()
    collect: tuple[str, ...] = ()
    collect_bytes: int = 256 * 1024 * 1024
    collect_to: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    seccomp_profile: str = "native"
    merge_stderr: bool = False
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class RunReport:
    """The facts of one run.

    ``cpu_ms`` and ``memory_kb`` are of the whole tree, from the cgroup where there is one.
    ``stdout`` is empty when the command named a file for it; ``stdout_bytes`` is its size either way.
    ``files`` holds what ``collect`` brought back, by path relative to the work folder; ``skipped_files``
    counts the plain files that were too large, too many, or named in more than 1,024 bytes.
    ``overhead_ms`` is our own time around the run.
    """

    ending: Ending
    exit_code: int | None
    signal: int | None
    cpu_ms: float
    wall_ms: float
    memory_kb: int
    stdout: bytes
    stdout_bytes: int
    stderr: bytes
    files: Mapping[str, bytes] = field(default_factory=dict)
    overhead_ms: float = 0.0
    skipped_files: int = 0


@dataclass(frozen=True, slots=True)
class PairReport:
    """Two programs wired stdout to stdin; ``ended_first`` is 0 or 1 for whichever ended first.

    ``lead_ms`` is how much earlier that was. Each end is stamped by who looks after its box, and a busy host
    may wake either late: without ``ordered``, a small lead may belong to the other.
    """

    first: RunReport
    second: RunReport
    ended_first: int
    lead_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Guarantee:
    """One limit and what holds it here: ``enforced_by`` is e.g. ``cgroup v2``, ``rlimit``, ``nothing``."""

    limit: str
    enforced_by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Isolation:
    """What this sandbox can promise here; the mode goes into every verdict."""

    backend: str
    mode: IsolationMode
    guarantees: tuple[Guarantee, ...] = ()


class Sandbox(Protocol):
    """One slot: runs one command (or one conversation) at a time. Not thread-safe, but for ``cancel``."""

    @property
    def isolation(self) -> Isolation: ...

    def run(self, command: Command) -> RunReport:
        """Run it to its end. Raises BoxFault (ours), Cancelled, or Misuse; nothing of it lives on."""
        ...

    def run_pair(self, first: Command, second: Command, *, ordered: bool = False) -> PairReport:
        """Run both at once, each one's stdout being the other's stdin, each under its own limits.

        The second outlives a first that leaves while it is being talked to: up to 1 MiB that it says then
        goes nowhere, and no broken pipe kills it.

        With ``ordered`` neither can see that the other is gone before its end has been stamped, so that what
        follows from an end is never told as the earlier one. The price: who closes its output and lives on
        is not seen to, and two that wait for that stand still until a limit.
        """
        ...

    def cancel(self) -> None:
        """End the run or conversation under way from another thread or a signal handler; it raises Cancelled.

        The word counts from the call of ``run`` or ``run_pair`` until its return, while boxes are being made
        too. When nothing is under way it has no effect, on the next run neither: so it may be repeated, and
        who calls for a certain run repeats it until that has ended.
        """
        ...

    def close(self) -> None:
        """End everything and remove what the slot made on the host. Safe to call twice."""
        ...
