"""The sandboxes on which the contract is tested: every backend in every mode that this host has."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox import MIB, Command, IsolationMode, Limits, RunReport, Sandbox, SlotConfig
from sandbox.factory import open_backend

SLOT = 440
ROOMY = Limits(cpu_seconds=30, wall_seconds=60, memory_bytes=128 * MIB)
"""Limits that end no program on a busy machine. Each test lowers the limit that it tests."""

SANDBOXES = [
    (backend, mode)
    for backend in ("launcher", "bubblewrap")
    for mode in (IsolationMode.FULL, IsolationMode.NO_CGROUP)
]


@pytest.fixture(scope="module")
def share() -> Iterator[Path]:
    """A folder that boxes can mount. It is not in pytest's own folder, because that is closed to the slot's
    user."""
    with tempfile.TemporaryDirectory(prefix="gavel-share-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "data").mkdir()
        (folder / "data" / "answer.txt").write_text("42\n")
        yield folder


@pytest.fixture(scope="module", params=SANDBOXES, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def sandbox(request: pytest.FixtureRequest, share: Path) -> Iterator[Sandbox]:
    backend, mode = request.param
    config = SlotConfig(SLOT, (share,), share, backend=backend)
    opened = open_backend(config, backend, with_cgroups=mode is IsolationMode.FULL)
    if opened.isolation.mode is not mode:
        note = opened.isolation.guarantees[0].note
        opened.close()
        pytest.skip(f"this host has no {mode}: {note}")
    yield opened
    opened.close()


def shell(sandbox: Sandbox, script: str, **more: object) -> RunReport:
    limits = more.pop("limits", ROOMY)
    return sandbox.run(Command(("/bin/sh", "-c", script), limits, seccomp_profile="script", **more))  # type: ignore[arg-type]


def python(sandbox: Sandbox, source: str, **more: object) -> RunReport:
    limits = more.pop("limits", ROOMY)
    command = Command(("/usr/bin/python3", "-c", source), limits, seccomp_profile="python", **more)  # type: ignore[arg-type]
    return sandbox.run(command)


def first_that(fits: Callable[[RunReport], bool], run: Callable[[], RunReport]) -> RunReport:
    """Run up to ten times until a report fits, and return the last report. A busy machine may wake the
    monitor late, so the times of one run may be wrong."""
    for _ in range(10):
        report = run()
        if fits(report):
            break
    return report


def count_descriptors() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))
