"""`gavel up` works at once after a sudden death of the previous stack, and no process of the previous stack
is left."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from judge_api.supervisor.data_folder import DataFolder
from judge_api.supervisor.orphans import find_orphans
from sandbox.abandoned_cgroups import slot_cgroups
from sandbox.slot import claim_exactly
from tests.acceptance.app_fixture import RunningStack, small_stack, wait_until
from tests.acceptance.programs import RIGHT


def supervisor_alone(stack: RunningStack) -> None:
    stack.kill()


def everything_at_once(stack: RunningStack) -> None:
    found = [process.pid for process in find_orphans(DataFolder(stack.data))]
    os.kill(stack.supervisor, signal.SIGSTOP)  # so that the supervisor does not start killed processes again
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    stack.kill()


def supervisor_with_stopped_children(stack: RunningStack) -> None:
    for process in find_orphans(DataFolder(stack.data)):
        os.kill(process.pid, signal.SIGSTOP)
    stack.kill()


def recorded_processes_alone(stack: RunningStack) -> None:
    """Kill the supervisor and the processes that it has recorded. Their children, such as the process that
    answers HTTP, continue to run."""
    os.kill(stack.supervisor, signal.SIGSTOP)
    for pid in stack.credentials.processes.values():
        os.kill(pid, signal.SIGKILL)
    stack.kill()


DEATHS = (
    everything_at_once,
    supervisor_alone,
    pytest.param(supervisor_with_stopped_children, marks=pytest.mark.long),
    pytest.param(recorded_processes_alone, marks=pytest.mark.long),
)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[RunningStack]:
    made = small_stack(tmp_path / "data", "--workers", "normal=2,premium=2")
    yield made
    made.stop()


def held_slots(stack: RunningStack) -> set[int]:
    """The sandbox slots that the stack's processes have locked."""
    links = [
        link.readlink().name
        for process in find_orphans(DataFolder(stack.data))
        for link in Path(f"/proc/{process.pid}/fd").iterdir()
        if link.is_symlink() and link.readlink().parent.name.startswith("gavel-slots")
    ]
    return {int(name) for name in (link.removesuffix(".lock") for link in links) if name.isdigit()}


def abandoned(slots: set[int]) -> list[str]:
    """The cgroups of those slots that no process holds. Slots that other tests on this host hold are left
    out."""
    found = []
    for slot in slots:
        claim = claim_exactly(slot)
        if claim is not None:
            found += [str(group) for group in slot_cgroups() if group.name == f"gavel-{slot}"]
            claim.release()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("die", DEATHS)
def test_the_start_after_a_sudden_death_judges_accepted_submissions_and_ends_old_processes(
    stack: RunningStack, die: Callable[[RunningStack], None]
) -> None:
    stack.start()
    slots = held_slots(stack)
    assert len(slots) >= 4
    accepted = [stack.submit("python3", RIGHT["python3"]).id for _ in range(5)]
    port = int(stack.credentials.url.rpartition(":")[2])
    old = {process.pid for process in find_orphans(DataFolder(stack.data))}
    die(stack)
    stack.use_options("--bare", "--workers", "normal=1,premium=1")
    stack.start(port)
    assert not old & {process.pid for process in find_orphans(DataFolder(stack.data))}
    with stack.gavel() as gavel:
        assert [gavel.wait(id, 90).verdict for id in accepted] == ["AC"] * 5
    slots |= held_slots(stack)
    assert stack.stop() == 0
    assert find_orphans(DataFolder(stack.data)) == []
    wait_until(lambda: not abandoned(slots), "no cgroup of a slot is left")
