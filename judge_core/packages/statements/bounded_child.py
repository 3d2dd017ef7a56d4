"""Runs a converter of an author's file as a child process with bounded time, memory and output."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MIB = 1024 * 1024
_NICE = 10
_LOOK_EVERY = 0.5
_AT_ONCE = threading.BoundedSemaphore(2)
"""Limits how many conversions a process runs at once. They run beside the API, and must not take all of its
CPUs."""


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """The limits of a child process. ``memory_bytes`` bounds the address space. A program that reserves much
    address space must bound its heap instead.

    With ``own_group``, the child's own child processes end together with it. ``file_bytes`` bounds the files
    that the child writes. If it is not set, ``output_bytes`` bounds them.
    """

    seconds: float = 10
    output_bytes: int = 8 * MIB
    memory_bytes: int | None = None
    own_group: bool = False
    file_bytes: int | None = None


class ChildFailed(Exception):
    """The child was stopped at a limit or ended with an error. The message says which limit or error."""


def run_child(
    command: list[str],
    content: bytes,
    limits: ChildLimits | None = None,
    scratch: Path | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> bytes:
    """The standard output of a command that reads this content. Raises :class:`ChildFailed`.

    ``scratch`` is the folder for the child's temporary files. ``should_stop`` is called twice a second. If it
    returns true, the child is killed.
    """
    limits = limits or ChildLimits()
    with (
        tempfile.TemporaryFile() as source,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as errors,
        _AT_ONCE,
    ):
        source.write(content)
        source.seek(0)
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8"} | ({"TMPDIR": str(scratch)} if scratch else {})
        code = _wait(command, (source, output, errors), limits, environment, should_stop)
        if output.tell() >= limits.output_bytes or os.fstat(output.fileno()).st_size >= limits.output_bytes:
            raise ChildFailed(f"its result has more than {limits.output_bytes // MIB} MiB")
        output.seek(0)
        errors.seek(0)
        if code != 0:
            raise ChildFailed(
                errors.read(4096).decode("utf-8", errors="replace").strip() or f"exit code {code}"
            )
        return output.read()


def _wait(
    command: list[str],
    streams: tuple[BinaryIO, BinaryIO, BinaryIO],
    limits: ChildLimits,
    environment: dict[str, str],
    should_stop: Callable[[], bool] | None,
) -> int:
    source, output, errors = streams
    child = subprocess.Popen(
        command,
        stdin=source,
        stdout=output,
        stderr=errors,
        env=environment,
        start_new_session=limits.own_group,
    )
    try:
        _bound(child.pid, limits)
        return _exit_code(child, limits.seconds, should_stop)
    except subprocess.TimeoutExpired:
        raise ChildFailed(f"it takes more than {limits.seconds:g} s") from None
    finally:
        if limits.own_group:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        child.kill()
        child.wait()


def _exit_code(child: subprocess.Popen[bytes], seconds: float, should_stop: Callable[[], bool] | None) -> int:
    """Wait for the child. Raises ``TimeoutExpired``, or :class:`ChildFailed` if it should stop."""
    if should_stop is None:
        return child.wait(seconds)
    until = time.monotonic() + seconds
    while True:
        try:
            return child.wait(min(_LOOK_EVERY, max(0.01, until - time.monotonic())))
        except subprocess.TimeoutExpired:
            if should_stop():
                raise ChildFailed("it was stopped") from None
            if time.monotonic() >= until:
                raise


def _bound(pid: int, limits: ChildLimits) -> None:
    """Set the limits from outside: a hook between fork and exec is not safe in a process with threads."""
    seconds = int(limits.seconds) + 1
    bounds = {
        resource.RLIMIT_FSIZE: limits.file_bytes or limits.output_bytes,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_CORE: 0,
    }
    if limits.memory_bytes is not None:
        bounds[resource.RLIMIT_AS] = limits.memory_bytes
    try:
        os.setpriority(os.PRIO_PROCESS, pid, max(_NICE, os.getpriority(os.PRIO_PROCESS, 0)))
        for kind, bound in bounds.items():
            resource.prlimit(pid, kind, (bound, bound))
    except ProcessLookupError:
        pass  # It has ended already.
