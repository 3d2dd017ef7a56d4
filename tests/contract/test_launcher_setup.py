"""If the launcher cannot make a box, no program runs, and that is a fault of the sandbox. The time that it
takes to make a box does not count as the program's time."""

from __future__ import annotations

import errno
import os
import select
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from sandbox import MIB, BoxFault, Command, InputFile, Limits, Mount, Sandbox, SlotConfig
from sandbox.backends.launcher import LauncherRun, LauncherSlot, _result_without_start
from sandbox.box_files import sealed_file
from sandbox.cgroups import MemoryUsage
from sandbox.factory import open_backend
from sandbox.launcher import protocol
from sandbox.launcher.zygote import Zygote
from sandbox.slot import claim_slot
from tests.contract.backends import ROOMY, count_descriptors

SLOT = 458
UNTIMED = 2**62
WALL_NS = 100_000_000


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with tempfile.TemporaryDirectory(prefix="gavel-setup-") as scratch:
        opened = open_backend(SlotConfig(SLOT, (), Path(scratch)), "launcher")
        yield opened
        opened.close()


@pytest.fixture
def zygote() -> Iterator[Zygote]:
    with tempfile.TemporaryDirectory(prefix="gavel-setup-") as scratch:
        claim = claim_slot(SLOT)
        opened = Zygote(SlotConfig(SLOT, (), Path(scratch)), claim, None)
        yield opened
        opened.close()
        claim.release()


def send(zygote: Zygote, request: protocol.LauncherRequest, *contents: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    zygote.send(request.pack(), [null, null, null, *contents])
    os.close(null)


def test_the_time_to_prepare_a_box_does_not_count_as_the_program_s_time(zygote: Zygote) -> None:
    limits = protocol.KernelLimits(UNTIMED, WALL_NS, UNTIMED, MIB, MIB, 64)
    files = (("input", 5, 0o644),)
    contents, writer = os.pipe()
    send(zygote, protocol.LauncherRequest(7, limits, "native", ("/bin/true",), files=files), contents)
    os.close(contents)
    ended_early, _, _ = select.select([zygote.socket], [], [], 10 * WALL_NS / 1e9)
    os.write(writer, b"input")
    os.close(writer)
    report, _ = zygote.receive(with_work=False)
    assert not ended_early
    assert report.wall_ns > 0


def test_an_input_file_with_less_content_than_announced_is_a_fault_with_the_reason(zygote: Zygote) -> None:
    limits = protocol.KernelLimits(UNTIMED, UNTIMED, 0, MIB, MIB, 64)
    files = (("input", 5, 0o644),)
    contents = sealed_file(b"four")
    send(zygote, protocol.LauncherRequest(7, limits, "native", ("/bin/true",), files=files), contents)
    os.close(contents)
    report, _ = zygote.receive(with_work=False)
    assert report.describe_failure() == "writing the input files: ENODATA (No data available)"


def test_no_program_runs_if_the_cgroup_sent_for_the_program_cannot_be_used(zygote: Zygote) -> None:
    with tempfile.TemporaryDirectory() as folder:
        no_cgroup = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        zygote.send(protocol.pack_next_cgroup(), [no_cgroup])
        os.close(no_cgroup)
    limits = protocol.KernelLimits(UNTIMED, UNTIMED, 0, MIB, MIB, 64)
    for serial in (7, 8):
        send(zygote, protocol.LauncherRequest(serial, limits, "native", ("/bin/true",)))
        report, _ = zygote.receive(with_work=False)
        assert (report.kind, report.serial) == (protocol.LauncherReportKind.FAILED, serial)
        assert report.stage in (2, 14), report.describe_failure()


@pytest.mark.parametrize("space", [MIB, MIB + 8192], ids=["whole blocks", "a block and a part"])
def test_input_files_larger_than_the_work_folder_are_a_fault_with_the_reason(
    sandbox: Sandbox, space: int
) -> None:
    limits = Limits(30, 60, 64 * MIB, workspace_bytes=space)
    files = (InputFile("large", bytes(4 * MIB)),)
    with pytest.raises(BoxFault, match="writing the input files: ENOSPC"):
        sandbox.run(Command(("/bin/true",), limits, files=files))


class UnlimitedCgroups:
    """Cgroups of a slot without any limit. No cgroup can be sent, as if the launcher had died."""

    closed = 0

    def start_run(self, limits: Limits) -> UnlimitedCgroups:
        return self

    def next_run_fd(self) -> int:
        raise BoxFault("cannot reach the launcher")

    def close(self) -> None:
        self.closed += 1


def test_a_launcher_that_dies_after_a_request_leaves_no_descriptor_open(zygote: Zygote) -> None:
    zygote.has_next_cgroup = True
    cgroups = UnlimitedCgroups()
    slot = SimpleNamespace(zygote=zygote, cgroups=cgroups, config=SlotConfig(SLOT, (), Path()), cores=1)
    before = count_descriptors()
    run = LauncherRun(cast(LauncherSlot, slot), Command(("/bin/true",), ROOMY), None, None)
    run.close()
    assert (count_descriptors(), cgroups.closed) == (before, 1)


@pytest.mark.parametrize("error", [errno.ENOTCONN, errno.ECONNABORTED, errno.ESTALE, errno.EMFILE])
def test_a_program_that_the_file_server_could_not_read_raises_a_box_fault(error: int) -> None:
    ended = protocol.lost_run_report(7, 0, 0)._replace(stage=protocol.STAGE_EXEC, error=error)
    command = Command(("/p/program",), ROOMY, mounts=(Mount(Path(), "/p"),))
    with pytest.raises(BoxFault, match=f"exec: {errno.errorcode[error]}"):
        _result_without_start(command, ended, MemoryUsage(0, 0))
    unreadable = ended._replace(error=errno.ENOEXEC)
    assert _result_without_start(command, unreadable, MemoryUsage(0, 0)).exit_code == 126


def test_a_run_may_have_time_limits_of_months(sandbox: Sandbox) -> None:
    longest = Limits(10_000_000, 10_000_000, 64 * MIB, delay_seconds=40_000_000)
    assert sandbox.run(Command(("/bin/true",), longest)).exit_code == 0
