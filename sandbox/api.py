"""The sandbox's interface: it takes commands with their limits and reports facts.

The worker forms the verdicts. A failure of the sandbox itself is an exception of ``sandbox.errors``, never an
ending.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

WORK = "/w"
"""The work folder inside every box, HOME and current directory. At first it holds only ``Command.files``."""
FILE_PAGES = "file pages"
"""The guarantee that boxes of two slots share no page of a file. Through a shared page, they could signal
each other."""
KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """The resources that all processes of one run may use together. Exceptions are named below.

    Times are seconds, sizes are bytes. ``cpu_seconds`` is user + system time of the whole tree.
    ``wall_seconds`` ends a run that sleeps. Up to ``delay_seconds`` of waiting for a CPU do not count.
    ``memory_bytes`` counts heap, stacks, tmpfs and memfd. ``output_bytes`` limits stdout. The last
    ``stderr_bytes`` of stderr are kept. Earlier bytes are dropped, and do not end the run. ``file_bytes``
    limits one file, ``workspace_bytes`` the work folder and /tmp. ``process_cpu_seconds`` and
    ``process_address_bytes`` limit each process alone, and so do ``open_files`` and ``stack_bytes``. The
    other limits still apply to all of them together. The kernel counts whole seconds, and kills a process
    that is over its time. If a process asks for more addresses than allowed, the kernel refuses the request.
    """

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    delay_seconds: float = 0.0
    processes: int = 16
    output_bytes: int = 8 * MIB
    stderr_bytes: int = 64 * KIB
    file_bytes: int = 64 * MIB
    workspace_bytes: int = 256 * MIB
    open_files: int = 512
    stack_bytes: int | None = None
    process_cpu_seconds: float | None = None
    process_address_bytes: int | None = None


class Ending(StrEnum):
    """How a run ended, as a fact. If several endings are true, the first in this order is reported: MEMORY,
    CPU, WALL, OUTPUT, SIGNALLED, EXITED."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    CPU = "cpu"
    WALL = "wall"
    MEMORY = "memory"
    OUTPUT = "output"


class IsolationMode(StrEnum):
    """How much isolation this host allows, found by trying."""

    FULL = "full"
    NO_CGROUP = "no-cgroup"


@dataclass(frozen=True, slots=True)
class Mount:
    """A host folder that is mounted read-only inside the box. It must be below a share of the slot."""

    source: Path
    target: str


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that is written into the work folder before the start. The box owns it. ``name`` may have
    folders.

    ``content`` is its bytes, or a host file from which they are copied.
    """

    name: str
    content: bytes | Path
    executable: bool = False


class OutputStream(StrEnum):
    """The outputs of a program."""

    STDOUT = "stdout"
    STDERR = "stderr"


class LiveStreams(Protocol):
    """Receives the output of a running program, and writes its input. No method may wait: the sandbox calls
    them between its checks of the limits."""

    def started(self, stdin: int, kill: Callable[[], None]) -> None:
        """The program has started. ``stdin`` is the writing end of its input, and does not block. The callee
        owns it and must close it, since the program reads the end of its input only then. ``kill`` may be
        called from any thread. It ends the run like a SIGKILL, and does nothing once the run has ended."""
        ...

    def wrote(self, stream: OutputStream, data: bytes) -> None:
        """The program has written ``data``. stdout beyond ``Limits.output_bytes`` is not passed on."""
        ...


@dataclass(frozen=True, slots=True)
class Command:
    """One untrusted program to run once.

    ``argv[0]`` is an absolute path inside the box (the host's /usr is there, read-only).
    ``stdin`` is a host file, bytes, or nothing (/dev/null). ``stdout`` names a host file that receives
    the output, up to its limit (else it is kept in memory and is part of the report).
    ``collect`` names files or folders below the work folder to bring back once every process of the box is
    dead; missing names are ignored, and links and special files are never followed. With ``collect_to``, a
    folder of the host, the files are saved there and never held in memory.
    ``read_only`` makes the work folder read-only; /tmp stays writable.
    ``seccomp_profile`` names the allowed system calls, a list in ``sandbox/launcher/seccomp/``: native, jvm,
    node, go, compiler, …
    With ``live`` the input is a pipe, and both input and outputs are passed on while the program runs;
    ``stdin`` and ``stdout`` must then be ``None``. A command of a pair cannot be live.
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
    live: LiveStreams | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """The facts of one run.

    ``cpu_ms`` and ``memory_kb`` (the peak) count all processes of the run, by the cgroup where there is one.
    ``stdout`` is empty when the command named a file for it; ``stdout_bytes`` is its size in both cases.
    ``files`` holds the collected files, by path relative to the work folder; ``skipped_files`` counts the
    plain files that were too large or too many, or whose name has more than 1,024 bytes or cannot be stored.
    ``delay_ms`` is the measured time of waiting for a CPU, if ``Limits.delay_seconds`` is set.
    ``overhead_ms`` is the sandbox's own time around the run.
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
    delay_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """A part of a recorded conversation: one side (0 or 1) wrote it before the other wrote again."""

    side: int
    data: bytes


@dataclass(frozen=True, slots=True)
class PairReport:
    """The facts of two programs, each one's stdout being the other's stdin. ``ended_first`` is 0 for the
    first, 1 for the second.

    ``lead_ms`` is how much earlier that side ended. The init of each box records the time of the end, and a
    busy host may wake an init late. So without ``ordered``, a small lead does not show which side ended
    first. For an ordered pair, ``was_seen`` is whether the side that ended later could see the earlier end.
    If it could not, it ended by itself. ``said`` is the recorded conversation, and ``said_more`` is whether
    the conversation went on after that.
    """

    first: RunReport
    second: RunReport
    ended_first: int
    lead_ms: float = 0.0
    ordered: bool = False
    was_seen: bool = True
    said: tuple[Said, ...] = ()
    said_more: bool = False


@dataclass(frozen=True, slots=True)
class Guarantee:
    """One limit and its enforcement on this host. ``enforced_by`` is, for example, ``cgroup v2``, ``rlimit``
    or ``nothing``."""

    limit: str
    enforced_by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Isolation:
    """The guarantees of this sandbox on this host; the mode is part of every verdict."""

    backend: str
    mode: IsolationMode
    guarantees: tuple[Guarantee, ...] = ()


class Sandbox(Protocol):
    """One slot, which runs one command or one pair at a time. Not thread-safe, except ``cancel``."""

    @property
    def isolation(self) -> Isolation: ...

    def run(self, command: Command) -> RunReport:
        """Run a command to its end. No process of it is left. Raises BoxFault, Cancelled or Misuse, or
        CannotIsolate if the launcher has died and cannot be started again."""
        ...

    def run_pair(
        self, first: Command, second: Command, *, ordered: bool = False, record_bytes: int = 0
    ) -> PairReport:
        """Run both at once, each one's stdout being the other's stdin, each under its own limits.

        If the first ends, the second does not die of a broken pipe: up to 1 MiB that it writes after that is
        discarded.

        With ``ordered``, a side sees that the other has ended only when it waits for the other: all of its
        threads sleep, and it has nothing to read or its pipe is full. This shows whether a side ended by
        itself, or perhaps because the other had ended. But a side does not notice if the other closes its
        output and runs on. If both programs wait for that, a limit ends them.

        With ``record_bytes``, up to this many bytes of the conversation are recorded. ``ended_first`` is then
        not reliable, since each end passes through the recorder. A pair cannot be both recorded and ordered.
        """
        ...

    def cancel(self) -> None:
        """End the current run or pair from another thread or a signal handler. Its ``run`` or ``run_pair``
        raises Cancelled.

        This also works while boxes are being made. If nothing runs, it has no effect, also not on the next
        run. So to be sure that a certain run is cancelled, repeat the call until that run has ended.
        """
        ...

    def close(self) -> None:
        """End everything and remove what the slot made on the host. Safe to call twice."""
        ...
