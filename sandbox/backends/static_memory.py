"""Finds programs that could not start because their static variables need more memory than they may use.

Without cgroups, RLIMIT_DATA limits the memory of most programs. If the variables of a program exceed it, the
kernel notices this in ``execve``, after it has dropped the calling program. It ends the process with SIGSEGV.
No instruction of the program runs, so neither its output nor its signal says why it ended.
"""

from __future__ import annotations

import os
import signal
import struct
from pathlib import Path, PurePosixPath

from sandbox.api import Command
from sandbox.backends.command_check import data_limit
from sandbox.backends.result import KillReason, RunResult

_MAGIC = b"\x7fELF\x02\x01"
"""The beginning of an ELF file with 64-bit addresses, least significant byte first."""
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_LOADED, _WRITABLE = 1, 2
_PLAIN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""The file is of a submission: a link is not followed, and a pipe is not waited for."""
_MOST_SEGMENTS = 4096
_UNUSUAL = (OSError, OverflowError, ValueError, struct.error)


def could_not_start(command: Command, result: RunResult) -> bool:
    """Whether a run without cgroups ended because the program's static variables exceed its memory limit."""
    if result.kill_reason is not KillReason.NONE or result.signal != signal.SIGSEGV:
        return False
    most, program = data_limit(command), _mounted_program(command)
    return most is not None and program is not None and writable_bytes(program) > most


def writable_bytes(program: Path) -> int:
    """The memory that the variables of an ELF program take at its start, with those that are zero. 0 for any
    other file."""
    try:
        with os.fdopen(os.open(program, _PLAIN_FILE), "rb") as file:
            header = file.read(_HEADER.size)
            if not header.startswith(_MAGIC):
                return 0
            fields = _HEADER.unpack(header)
            offset, size, count = fields[5], fields[9], fields[10]
            if size != _SEGMENT.size:
                return 0
            file.seek(offset)
            table = file.read(size * min(count, _MOST_SEGMENTS))
    except _UNUSUAL:
        return 0
    whole = len(table) // _SEGMENT.size * _SEGMENT.size
    segments = _SEGMENT.iter_unpack(table[:whole])
    return sum(each[6] for each in segments if each[0] == _LOADED and each[1] & _WRITABLE)


def _mounted_program(command: Command) -> Path | None:
    """The program's file on the host. ``None`` if it is in no folder that is mounted for this command."""
    program = PurePosixPath(command.argv[0])
    for mount in command.mounts:
        if program.is_relative_to(mount.target):
            return mount.source / program.relative_to(mount.target)
    return None
