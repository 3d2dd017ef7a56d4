"""Packs requests to the launcher and parses its reports. ``protocol.h`` is the other side."""

from __future__ import annotations

import errno
import os
import struct
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from sandbox.errors import BoxFault, Misuse

MAGIC = 0x4C564147
MAX_MESSAGE = 131072
LAST_KILL_REASON = 4
UNLIMITED = 2**64 - 1

_REQUEST = struct.Struct("=IIQ" + "Q" * 12 + "II" + "IIII")
_FILE = struct.Struct("=QII")
_MOUNT = struct.Struct("=II")
_REPORT = struct.Struct("=IIQ" + "i" * 6 + "q" * 10)
REPORT_BYTES = _REPORT.size
_RUN, _KILL, _CGROUP = 1, 2, 3

_STAGES = {
    1: "arguments",
    2: "joining the cgroup",
    3: "making namespaces",
    4: "mapping the user",
    5: "changing the user",
    6: "making mounts private",
    7: "mounting the root",
    8: "mounting /proc of the slot",
    9: "pivot_root",
    10: "pinning to cores",
    11: "opening the shares",
    12: "reading the request",
    13: "making the work folder",
    14: "clone",
    15: "hiding the path of stdin",
    16: "serving files through /dev/fuse",
    32: "mounting /proc",
    33: "mounting the work folder",
    34: "binding a mount",
    35: "covering the shares",
    36: "writing the input files",
    37: "setting limits",
    38: "dropping capabilities",
    39: "placing descriptors",
    40: "seccomp",
    41: "fork",
    42: "exec",
    43: "making the work folder read-only",
    44: "hiding the name of the cgroup",
}
STAGE_SERVE_FILES, STAGE_EXEC = 16, 42
_CLONE_ENTRY, _ADD_ENTRY = 1000, 2000


class LauncherReportKind(IntEnum):
    """The kinds of report: the slot is ready, a run has ended, or the launcher itself failed."""

    READY = 1
    ENDED = 2
    FAILED = 3


_KINDS = {int(kind): kind for kind in LauncherReportKind}
RETURN_WORK, READ_ONLY_WORK, HIDE_STDIN_PATH, EMPTY_STDIN, STDIN_MOUNT = 1, 2, 4, 8, 16
"""The flags of a request. They are plain numbers, since adding members of an enum takes longer, and
is done for each run."""


class KernelLimits(NamedTuple):
    """The limits of one request, in the units of the kernel."""

    cpu_ns: int
    wall_ns: int
    delay_ns: int
    workspace_bytes: int
    file_bytes: int
    open_files: int
    stack_bytes: int = UNLIMITED
    data_bytes: int = UNLIMITED
    address_bytes: int = UNLIMITED
    cpu_seconds: int = UNLIMITED
    processes: int = UNLIMITED
    sampled_memory_bytes: int = 0
    cores: int = 1


class LauncherRequest(NamedTuple):
    """A request to run. ``protocol.h`` has the order of its parts.

    It is a tuple and not a dataclass, since one is made for every run, and a frozen dataclass sets its fields
    one by one.
    """

    serial: int
    limits: KernelLimits
    seccomp_profile: str
    argv: tuple[str, ...]
    variables: tuple[str, ...] = ()
    files: tuple[tuple[str, int, int], ...] = ()
    mounts: tuple[tuple[int, str, str], ...] = ()
    flags: int = 0

    def pack(self) -> bytes:
        """The message. Raises Misuse if it is too large or a string has a NUL."""
        counts = len(self.argv), len(self.variables), len(self.files), len(self.mounts)
        head = _REQUEST.pack(MAGIC, _RUN, self.serial, *self.limits, self.flags, *counts)
        rest = _pack_tables_and_strings(
            self.seccomp_profile, self.argv, self.variables, self.files, self.mounts
        )
        size = len(head) + len(rest)
        if size > MAX_MESSAGE:
            raise Misuse(f"the command is too large: {size} bytes of arguments, environment and names")
        return head + rest


@lru_cache(maxsize=64)
def _pack_tables_and_strings(
    seccomp_profile: str,
    argv: tuple[str, ...],
    variables: tuple[str, ...],
    files: tuple[tuple[str, int, int], ...],
    mounts: tuple[tuple[int, str, str], ...],
) -> bytes:
    """The part of a request after its head. It is cached, since every test of a problem runs the same
    program."""
    tables = [_FILE.pack(size, mode, 0) for _, size, mode in files]
    tables += [_MOUNT.pack(share, 0) for share, _, _ in mounts]
    names = (name for name, _, _ in files)
    targets, sources = (target for _, target, _ in mounts), (source for _, _, source in mounts)
    strings = (seccomp_profile, *argv, *variables, *names, *targets, *sources)
    return b"".join(tables) + b"".join(_terminated(text) for text in strings)


def _terminated(text: str) -> bytes:
    raw = os.fsencode(text)
    if b"\0" in raw:
        raise Misuse(f"{text[:80]!r} holds a NUL byte")
    return raw + b"\0"


def pack_kill(serial: int) -> bytes:
    """The message that ends the run with this serial number, if it still runs."""
    return _REQUEST.pack(MAGIC, _KILL, serial, *[0] * 18)


def pack_next_cgroup() -> bytes:
    """The message with which the descriptor of the next box's cgroup is sent."""
    return _REQUEST.pack(MAGIC, _CGROUP, 0, *[0] * 18)


class LauncherReport(NamedTuple):
    """A message of the launcher, with the fields of ``struct report``."""

    kind: LauncherReportKind
    serial: int
    stage: int
    error: int
    kill_reason: int
    wait_status: int
    reaped: bool
    cpu_ns: int
    wall_ns: int
    started_ns: int
    setup_ns: int
    teardown_ns: int
    delay_ns: int
    max_rss_kb: int
    sampled_peak_kb: int
    least_cache_kb: int
    most_cache_kb: int

    def describe_failure(self) -> str:
        """The step at which the launcher failed, and the error."""
        if self.stage >= _ADD_ENTRY:
            where = f"adding entry {self.stage - _ADD_ENTRY} to the root"
        elif self.stage >= _CLONE_ENTRY:
            where = f"cloning the mounts of root entry {self.stage - _CLONE_ENTRY}"
        else:
            where = _STAGES.get(self.stage, f"stage {self.stage}")
        return f"{where}: {errno.errorcode.get(self.error, self.error)} ({os.strerror(self.error)})"


def lost_run_report(serial: int, started_ns: int, ended_ns: int) -> LauncherReport:
    """The report of a run during which the launcher died: only its wall time is known."""
    times = ended_ns - started_ns, started_ns, 0, 0, 0
    return LauncherReport(LauncherReportKind.ENDED, serial, 0, 0, 0, 0, False, 0, *times, 0, 0, -1, -1)


def parse_report(message: bytes) -> LauncherReport:
    """Parse one message of the launcher. Raises BoxFault if it is no report."""
    if len(message) != _REPORT.size:
        raise BoxFault(f"the launcher sent {len(message)} bytes, not a report of {_REPORT.size}")
    magic, kind, serial, stage, error, reason, status, reaped, _, *rest = _REPORT.unpack(message)
    if magic != MAGIC or kind not in _KINDS or not 0 <= reason <= LAST_KILL_REASON:
        raise BoxFault("the launcher sent a message that is no report")
    return LauncherReport(_KINDS[kind], serial, stage, error, reason, status, bool(reaped), *rest)
