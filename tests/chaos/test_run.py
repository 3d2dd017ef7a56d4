"""A short chaos run, for `make test-slow`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.chaos.run import Plan, run_chaos


@pytest.mark.chaos
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_every_accepted_submission_is_judged_once_while_processes_are_killed() -> None:
    plan = Plan(submissions=48, faults=6, seed=7, slow=False, exact=True)
    # pytest's own folders have long names. In such a folder Redis' socket would not be in the data folder.
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        result = run_chaos(plan, Path(folder))
    assert result.accepted == plan.submissions
    assert (result.lost, result.doubled, result.wrong) == (0, 0, {})
    # Other tests make and remove cgroups and mounts meanwhile, so these are not checked. `make test-chaos`
    # checks them too.
    assert [left for left in result.left if not left.startswith(("cgroup", "mount"))] == []
