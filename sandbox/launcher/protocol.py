"""Packs requests to the launcher and reads its reports. ``protocol.h`` is the other side."""

from __future__ import annotations

import errno
import os
import struct
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from sandbox.errors import BoxFault, Misuse

MAGIC = 0x4C564147
LARGEST = 131072
LAST_REASON = 4
UNLIMITED = 2**64 - 1

_REQUEST = struct.Struct("=IIQ" + "Q" * 11 + "II" + "IIII")
_FILE = struct.Struct("=QII")
_MOUNT = struct.Struct("=II")
_REPORT = struct.Struct("=IIQ" + "i" * 6 + "q" * 7)
REPORT_BYTES = _REPORT.size

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
    15: "opening stdin without its name",
    32: "mounting /proc",
    33: "mounting the work folder",
    34: "binding a mount",
    35: "covering the shares",
    36: "laying the files",
    37: "setting limits",
    38: "dropping capabilities",
    39: "placing descriptors",
    40: "seccomp",
    41: "fork",
    42: "exec",
    43: "closing the work folder",
}
STAGE_EXEC = 42
_BIND, _PLACE = 1000, 2000


class Kind(IntEnum):
    READY = 1
    ENDED = 2
    FAILED = 3


_KINDS = {int(kind): kind for kind in Kind}
WANT_WORK, READ_ONLY, NAMED_STDIN, NO_STDIN, STDIN_MOUNT = 1, 2, 4, 8, 16
"""The flags of a request: bare numbers, since an enum's sum costs a run ten microseconds."""


class KernelLimits(NamedTuple):
    """The numbers of one request, as the kernel takes them."""

    cpu_ns: int
    wall_ns: int
    workspace_bytes: int
    file_bytes: int
    open_files: int
    stack_bytes: int = UNLIMITED
    data_bytes: int = UNLIMITED
    address_bytes: int = UNLIMITED
    cpu_seconds: int = UNLIMITED
    processes: int = UNLIMITED
    sampled_memory: int = 0
    cores: int = 1


class Request(NamedTuple):
    """One run as the launcher wants it; see ``protocol.h`` for the order of its parts.

    A tuple and no dataclass, as the others here: it is made on every run, and a frozen dataclass sets its
    fields one by one.
    """

    serial: int
    ceilings: KernelLimits
    seccomp_profile: str
    argv: tuple[str, ...]
    variables: tuple[str, ...] = ()
    files: tuple[tuple[str, int, int], ...] = ()
    mounts: tuple[tuple[int, str, str], ...] = ()
    flags: int = 0

    def pack(self) -> bytes:
        """The message. Raises Misuse when it is too large or a string holds a NUL."""
        counts = len(self.argv), len(self.variables), len(self.files), len(self.mounts)
        head = _REQUEST.pack(MAGIC, 1, self.serial, *self.ceilings, self.flags, *counts)
        message = head + _pack_rest(self.seccomp_profile, self.argv, self.variables, self.files, self.mounts)
        if len(message) > LARGEST:
            raise Misuse(
                f"the command is too large: {len(message)} bytes of arguments, environment and names"
            )
        return message


@lru_cache(maxsize=64)
def _pack_rest(
    seccomp_profile: str,
    argv: tuple[str, ...],
    variables: tuple[str, ...],
    files: tuple[tuple[str, int, int], ...],
    mounts: tuple[tuple[int, str, str], ...],
) -> bytes:
    """What follows a request's numbers; kept, since test after test runs the same program."""
    tables = [_FILE.pack(size, mode, 0) for _, size, mode in files]
    tables += [_MOUNT.pack(share, 0) for share, _, _ in mounts]
    names = (name for name, _, _ in files)
    targets, sources = (target for _, target, _ in mounts), (source for _, _, source in mounts)
    strings = (seccomp_profile, *argv, *variables, *names, *targets, *sources)
    return b"".join(tables) + b"".join(_terminated(text) for text in strings)


def _terminated(text: str) -> bytes:
    raw = os.fsencode(text)
    if b"\0" in raw:
        raise Misuse(f"a NUL byte in {text[:80]!r}")
    return raw + b"\0"


def pack_kill(serial: int) -> bytes:
    """The message that ends the run with this serial number, if it is still on."""
    return _REQUEST.pack(MAGIC, 2, serial, *[0] * 17)


def pack_group() -> bytes:
    """The message beside which the next box's cgroup goes."""
    return _REQUEST.pack(MAGIC, 3, 0, *[0] * 17)


class Facts(NamedTuple):
    """What the launcher says; the fields of ``struct report``."""

    kind: Kind
    serial: int
    stage: int
    error: int
    reason: int
    status: int
    waited: bool
    cpu_ns: int
    wall_ns: int
    started_ns: int
    setup_ns: int
    teardown_ns: int
    max_rss_kb: int
    peak_kb: int

    def describe_failure(self) -> str:
        """Where something of ours went wrong, and why."""
        if self.stage >= _PLACE:
            where = f"placing entry {self.stage - _PLACE} of the root"
        elif self.stage >= _BIND:
            where = f"binding entry {self.stage - _BIND} of the root"
        else:
            where = _STAGES.get(self.stage, f"stage {self.stage}")
        return f"{where}: {errno.errorcode.get(self.error, self.error)} ({os.strerror(self.error)})"


def lost(serial: int, started_ns: int, ended_ns: int) -> Facts:
    """What is left to say of a run whose launcher died with it."""
    times = ended_ns - started_ns, started_ns, 0, 0
    return Facts(Kind.ENDED, serial, 0, 0, 0, 0, False, 0, *times, 0, 0)


def parse_report(message: bytes) -> Facts:
    """A report taken apart. Raises BoxFault when it is none."""
    if len(message) != _REPORT.size:
        raise BoxFault(f"the launcher sent {len(message)} bytes, not a report of {_REPORT.size}")
    magic, kind, serial, stage, error, reason, status, waited, _, *rest = _REPORT.unpack(message)
    if magic != MAGIC or kind not in _KINDS or not 0 <= reason <= LAST_REASON:
        raise BoxFault("the launcher sent something that is no report")
    return Facts(_KINDS[kind], serial, stage, error, reason, status, bool(waited), *rest)
