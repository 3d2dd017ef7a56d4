"""No submission is lost or judged twice while processes have different values of
GAVEL_ACCEPT_UNPROVEN_REPORTS.

That happens while dispatchers and API processes are restarted one by one with a new value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.simulation.database import SimulatedDatabase
from tests.simulation.world import World, run_seed

SEEDS = range(1, 8)


@pytest.fixture(scope="module")
def database() -> SimulatedDatabase:
    return SimulatedDatabase()


def test_no_promise_is_broken_while_processes_have_different_settings_and_faults_happen(
    database: SimulatedDatabase,
) -> None:
    failures = [run_seed(seed, database, is_mixed=True).failure for seed in SEEDS]
    assert failures == [None] * len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_without_faults_each_attempt_is_judged_once_although_processes_have_different_settings(
    database: SimulatedDatabase, seed: int
) -> None:
    worlds: list[World] = []

    def watch(world: World) -> Callable[[], None]:
        worlds.append(world)
        return lambda: None

    assert run_seed(seed, database, [], watch, is_mixed=True).failure is None
    judged = Counter(worlds[0].invariants.reported)
    assert [attempt for attempt, count in judged.items() if count > 1] == []
