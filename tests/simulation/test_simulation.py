"""Whole installations in simulated time: what is promised holds through faults, for a few fixed seeds.

``make test-simulation`` runs as many seeds as wanted; the README beside this file says how it works.
"""

from __future__ import annotations

import subprocess
import sys

REPOSITORY = __file__.rsplit("/tests/", 1)[0]


def simulate(*arguments: str) -> str:
    """The last lines of a run in a process of its own, whose sets have the same order each time."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
    return done.stdout


def test_every_promise_holds_through_faults_of_every_kind() -> None:
    assert "0 broke a promise" in simulate("--seeds", "1-4")


def test_a_seed_repeats_its_run_step_by_step() -> None:
    first, again = (simulate("--seeds", "3", "--trace").splitlines()[:-1] for _ in range(2))
    assert first == again
    for word in ("accepted", "fault", "saw"):
        assert any(f" {word} " in line for line in first)
